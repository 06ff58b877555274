using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Links;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Tests.Links;

/// <summary>
/// The other end of a link, over a connection in memory: what the link sends is there once its turn has ended, and what is sent to it has
/// been handled once that returns.
/// </summary>
internal sealed class OtherEnd
{
    public const ulong Session = 77;
    private readonly NodeId _self;
    private readonly LinkInbox _inbox = new(long.MaxValue, long.MaxValue);
    private readonly Queue<(ulong Kind, byte[] Content)> _arrived = new();

    /// <param name="link">The link, which goes on over the connection.</param>
    public OtherEnd(PeerLink link)
    {
        (Link, _self) = (link, link.Remote);
        Connection.Frames.Over(link.Faults);
        link.Attach(Connection.Frames);
        Reading = Connection.Frames.ReadAsync(envelope => link.Receive(Connection.Frames, envelope));
    }

    /// <summary>The link.</summary>
    public PeerLink Link { get; }

    /// <summary>What lies between.</summary>
    public MemoryConnection Connection { get; } = new();

    /// <summary>The node reads until the connection ends.</summary>
    public Task Reading { get; }

    /// <summary>The body bytes sent in this end's session.</summary>
    public long Position { get; set; }

    public static (LinkHeader Header, byte[] Body) Split(byte[] envelope)
    {
        var reader = new ByteReader(envelope);
        var header = LinkHeader.Decode(ref reader);
        return (header, reader.Take(reader.Remaining).ToArray());
    }

    /// <summary>Brings this end within the node's reach, past the first heartbeat.</summary>
    /// <returns>The link's session.</returns>
    public ulong Hear()
    {
        var ours = NextEnvelope().Header.Session;
        Arrive(LinkFlags.HearsYou, []);
        Assert.True(Link.Status().Reachable);
        return ours;
    }

    /// <summary>The next envelope.</summary>
    public (LinkHeader Header, byte[] Body) NextEnvelope()
    {
        var frame = Connection.Next();
        Assert.True(frame is not null, "no envelope was sent");
        return Split(frame);
    }

    /// <summary>The next frame of any envelope, put together from its pieces.</summary>
    public (ulong Kind, byte[] Content) NextFrame()
    {
        while (_arrived.Count == 0)
        {
            var reader = new ByteReader(NextEnvelope().Body);
            while (reader.Remaining > 0)
            {
                var kind = reader.ReadVarint();
                var content = reader.ReadSpan();
                if (kind != LinkFrames.Piece) _arrived.Enqueue((kind, content.ToArray()));
                else if (_inbox.Take(content, out kind) is { } whole) _arrived.Enqueue((kind, whole.ToArray()));
            }
        }

        return _arrived.Dequeue();
    }

    /// <summary>The next message for a partition.</summary>
    public PeerMessage NextMessage()
    {
        var (kind, content) = NextFrame();
        Assert.True(kind >= LinkFrames.FirstPartition, $"a frame of kind {kind}");
        var reader = new ByteReader(content);
        return PeerMessage.Decode(ref reader);
    }

    /// <summary>Whether everything that was sent has been looked at.</summary>
    public bool HasNothing => _arrived.Count == 0 && Connection.IsEmpty;

    public byte[] Envelope(
        LinkFlags flags, byte[] body, int? from = null, ulong session = Session, ulong echoSession = 0, long echoPosition = 0)
    {
        var writer = new ByteWriter();
        new LinkHeader(from is { } id ? new NodeId(id) : _self, session, echoSession, Position + body.Length, echoPosition, flags)
            .Encode(writer);
        writer.WriteRaw(body);
        return writer.ToArray();
    }

    public void Arrive(LinkFlags flags, byte[] body, ulong session = Session, ulong echoSession = 0, long echoPosition = 0)
    {
        Feed(Envelope(flags, body, session: session, echoSession: echoSession, echoPosition: echoPosition));
        Position += body.Length;
    }

    public void Feed(byte[] envelope) => Connection.Feed(MemoryConnection.Framed(envelope));
}

using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Time;

namespace Gossipdb.Node.Links;

/// <summary>
/// What every envelope starts with. Positions count the body bytes a link has sent in its session, so that lost envelopes do not hold the
/// window for ever.
/// </summary>
/// <param name="From">The sending node.</param>
/// <param name="Session">Drawn by the sending link at its start.</param>
/// <param name="EchoSession">The receiving link's session as the sender last heard it, 0 before that.</param>
/// <param name="Position">The end of this envelope's body in the session.</param>
/// <param name="EchoPosition">How much of <paramref name="EchoSession"/> was heard and is done with (<see cref="LinkInbox"/>).</param>
/// <param name="Flags">What else the sender says.</param>
/// <param name="Clock">What the sender tells of its clocks; null in most envelopes.</param>
internal readonly record struct LinkHeader(
    NodeId From, ulong Session, ulong EchoSession, long Position, long EchoPosition, LinkFlags Flags, ClockStamp? Clock = null)
{
    private const byte Version = 2;

    public void Encode(ByteWriter writer)
    {
        writer.WriteByte(Version);
        writer.WriteVarint((ulong)From.Value);
        writer.WriteFixed64(Session);
        writer.WriteFixed64(EchoSession);
        writer.WriteVarint((ulong)Position);
        writer.WriteVarint((ulong)EchoPosition);
        writer.WriteByte((byte)(Clock is null ? Flags : Flags | LinkFlags.HasClock));
        Clock?.Encode(writer);
    }

    public static LinkHeader Decode(ref ByteReader reader)
    {
        var version = reader.ReadByte();
        if (version != Version) throw new CorruptDataException($"unknown envelope version {version}");
        var header = new LinkHeader(
            new NodeId((int)reader.ReadVarint()),
            reader.ReadFixed64(),
            reader.ReadFixed64(),
            (long)reader.ReadVarint(),
            (long)reader.ReadVarint(),
            (LinkFlags)reader.ReadByte());
        return (header.Flags & LinkFlags.HasClock) == 0
            ? header
            : header with { Flags = header.Flags & ~LinkFlags.HasClock, Clock = ClockStamp.Decode(ref reader) };
    }
}

/// <summary>One-bit facts in a <see cref="LinkHeader"/>.</summary>
[Flags]
internal enum LinkFlags : byte
{
    None = 0,

    /// <summary>The sender hears the receiver: without it a link that works one way only would count as working.</summary>
    HearsYou = 1,

    /// <summary>The sender is a member of the Akka cluster.</summary>
    IsMember = 2,

    /// <summary>The sender's journal takes nothing any more: it acks no write as durable.</summary>
    RefusesWrites = 16,

    /// <summary>A <see cref="ClockStamp"/> follows.</summary>
    HasClock = 32,

    /// <summary>The sender understands what of a message is traced (<see cref="LinkFrame.ReadMarks"/>). Older versions do not.</summary>
    TakesTraces = 64,
}

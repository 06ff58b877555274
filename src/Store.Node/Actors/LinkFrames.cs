using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Time;

namespace Gossipdb.Node.Actors;

/// <summary>What every envelope starts with. Positions count the body bytes a link has sent in its session, so that lost envelopes do not hold the window for ever.</summary>
/// <param name="From">The sending node.</param>
/// <param name="Session">Drawn by the sending link at its start.</param>
/// <param name="EchoSession">The receiving link's session as the sender last heard it, 0 before that.</param>
/// <param name="Position">The end of this envelope's body in the session.</param>
/// <param name="EchoPosition">How much of <paramref name="EchoSession"/> was heard and is done with (<see cref="LinkInbox"/>).</param>
/// <param name="Flags">What else the sender says.</param>
/// <param name="Clock">What the sender tells of its clocks; null in most envelopes.</param>
internal readonly record struct LinkHeader(NodeId From, ulong Session, ulong EchoSession, long Position, long EchoPosition, LinkFlags Flags, ClockStamp? Clock = null)
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
            new NodeId((int)reader.ReadVarint()), reader.ReadFixed64(), reader.ReadFixed64(), (long)reader.ReadVarint(), (long)reader.ReadVarint(), (LinkFlags)reader.ReadByte());
        return (header.Flags & LinkFlags.HasClock) == 0 ? header : header with { Flags = header.Flags & ~LinkFlags.HasClock, Clock = ClockStamp.Decode(ref reader) };
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
}

/// <summary>
/// The body of an envelope: frames, each a kind, a length and that many bytes, none of which goes on in another envelope. Kinds from
/// <see cref="FirstPartition"/> on are messages for
/// partition (kind − FirstPartition).
/// </summary>
internal static class LinkFrames
{
    /// <summary>A client's request, forwarded to an owner.</summary>
    public const ulong Forward = 0;

    /// <summary>The answer to a forwarded request.</summary>
    public const ulong ForwardReply = 1;

    /// <summary>
    /// A piece of a frame that is too large to go in one: which it is (<see cref="PieceFlags"/>), the frame's kind, and bytes. Pieces of
    /// two frames never alternate; whole frames may come between.
    /// </summary>
    public const ulong Piece = 2;

    /// <summary>The kind of partition 0.</summary>
    public const ulong FirstPartition = 16;

    /// <summary>Appends a frame.</summary>
    public static void Write(ByteWriter body, ulong kind, ReadOnlySpan<byte> content)
    {
        body.WriteVarint(kind);
        body.WriteBytes(content);
    }

    /// <summary>Appends a piece of a frame of some kind.</summary>
    public static void WritePiece(ByteWriter body, ulong kind, PieceFlags flags, ReadOnlySpan<byte> bytes)
    {
        body.WriteVarint(Piece);
        body.WriteVarint((ulong)(1 + VarintLength(kind) + bytes.Length));
        body.WriteByte((byte)flags);
        body.WriteVarint(kind);
        body.WriteRaw(bytes);
    }

    private static int VarintLength(ulong value)
    {
        var length = 1;
        while ((value >>= 7) > 0) length++;
        return length;
    }
}

/// <summary>Which piece of a frame one is.</summary>
[Flags]
internal enum PieceFlags : byte
{
    None = 0,
    First = 1,
    Last = 2,
}

using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Node.Links;

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

    /// <summary>Users and roles, or a hash of them. An earlier version drops it.</summary>
    public const ulong Accounts = 3;

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

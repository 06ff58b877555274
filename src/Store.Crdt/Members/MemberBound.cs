using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Members;

/// <summary>
/// The canonical order of members: by 56 bits of their XxHash3, then by their bytes.
/// The hash spreads members evenly, whatever they look like.
/// The bytes behind it make members that were made to collide cost comparisons and nothing else.
/// </summary>
internal static class MemberOrder
{
    /// <summary>The bits of a key that a segment uses for itself.</summary>
    internal const ulong SlotMask = 0xff;

    internal static ulong KeyOf(ReadOnlySpan<byte> member) => System.IO.Hashing.XxHash3.HashToUInt64(member) & ~SlotMask;
}

/// <summary>
/// A place between members: before every member with this key whose bytes are <paramref name="Tie"/> or greater.
/// The least place is the default.
/// </summary>
internal readonly record struct MemberBound(ulong Key, Bytes Tie)
{
    /// <summary>Negative where the member comes before this place, else positive or zero.</summary>
    internal int CompareMember(ulong key, ReadOnlySpan<byte> member) =>
        key != Key ? key.CompareTo(Key) : member.SequenceCompareTo(Tie.Span);

    internal int CompareTo(in MemberBound other) => -CompareMember(other.Key, other.Tie.Span);
}

/// <summary>All members from <paramref name="Start"/> on and before <paramref name="End"/>; to the last one where that is null.</summary>
internal readonly record struct MemberRange(MemberBound Start, MemberBound? End)
{
    internal static MemberRange All => default;

    internal bool EndsBefore(ulong key, ReadOnlySpan<byte> member) => End is { } end && end.CompareMember(key, member) >= 0;
}

namespace Gossipdb.Node.HotKeys;

/// <summary>A key, of which a long one is cut.</summary>
/// <param name="Kept">Its first <see cref="SpaceSaving.KeptBytes"/> bytes.</param>
/// <param name="Length">How many it has.</param>
/// <param name="Hash">XxHash3 of all of them.</param>
internal readonly record struct HotKey(byte[] Kept, int Length, ulong Hash)
{
    /// <summary>Whether it is longer than what is kept.</summary>
    public bool IsCut => Length > Kept.Length;

    public bool Equals(HotKey other) => Hash == other.Hash && Length == other.Length && Kept.AsSpan().SequenceEqual(other.Kept);

    public override int GetHashCode() => (int)Hash;
}

/// <summary>How often a key was asked for.</summary>
/// <param name="Key">The key.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="AtMost">So often at most.</param>
/// <param name="Reads">So many reads at least.</param>
/// <param name="Writes">So many writes at least.</param>
internal readonly record struct KeyCount(HotKey Key, int Partition, long AtMost, long Reads, long Writes);

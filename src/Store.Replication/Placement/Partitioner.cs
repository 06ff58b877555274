using System.IO.Hashing;

namespace Gossipdb.Replication.Placement;

/// <summary>
/// Maps a key to its partition, the same on every node and client for ever: XxHash3 (seed 0) modulo the number of partitions. The hash is
/// of the part inside the first non-empty <c>{…}</c>, or of the whole key where there is none. Keys with the same part in braces share a
/// partition.
/// </summary>
public static class Partitioner
{
    /// <summary>The partition of a key.</summary>
    public static int PartitionOf(ReadOnlySpan<byte> key, int partitions) => (int)(XxHash3.HashToUInt64(Tag(key)) % (ulong)partitions);

    private static ReadOnlySpan<byte> Tag(ReadOnlySpan<byte> key)
    {
        var open = key.IndexOf((byte)'{');
        if (open < 0) return key;
        var length = key[(open + 1)..].IndexOf((byte)'}');
        return length > 0 ? key.Slice(open + 1, length) : key;
    }
}

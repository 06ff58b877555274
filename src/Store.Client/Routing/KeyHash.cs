using System.IO.Hashing;

namespace Gossipdb.Client.Routing;

/// <summary>
/// Which partition a key belongs to: XxHash3 (seed 0) of the part between the first '{' and the next '}', where there is one and
/// it is not empty, else of the whole key. So keys that share that part share their partition.
/// </summary>
internal static class KeyHash
{
    public static ulong Of(ReadOnlySpan<byte> key) => XxHash3.HashToUInt64(HashedPart(key));

    public static uint Partition(ulong hash, uint partitions) => (uint)(hash % partitions);

    /// <summary>
    /// The partition of every key with a prefix, where the prefix settles that: it holds the whole part in braces. Else null.
    /// </summary>
    public static uint? PartitionOfPrefix(ReadOnlySpan<byte> prefix, uint partitions) =>
        HashedPart(prefix).Length < prefix.Length ? Partition(Of(prefix), partitions) : null;

    private static ReadOnlySpan<byte> HashedPart(ReadOnlySpan<byte> key)
    {
        var open = key.IndexOf((byte)'{');
        if (open < 0)
            return key;
        var rest = key[(open + 1)..];
        var length = rest.IndexOf((byte)'}');
        return length > 0 ? rest[..length] : key;
    }
}

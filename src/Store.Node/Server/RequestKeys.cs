using Google.Protobuf;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Server;

/// <summary>The keys a request names, checked.</summary>
internal static class RequestKeys
{
    /// <summary>One key.</summary>
    /// <exception cref="ArgumentException">It is empty.</exception>
    /// <exception cref="TooLargeException">It is too long.</exception>
    public static Bytes Of(ByteString key, NodeSettings settings)
    {
        if (key.IsEmpty) throw new ArgumentException("the key is empty");
        if (key.Length > settings.MaxKeyBytes)
            throw new TooLargeException($"the key has {key.Length} bytes; the limit is {settings.MaxKeyBytes}");
        return Wire.ToBytes(key);
    }

    /// <summary>The keys of a batch or of a read of several; null where the request is of one key.</summary>
    /// <exception cref="ArgumentException">There are none, or too many, or they are of different partitions; or one is empty.</exception>
    /// <exception cref="TooLargeException">One is too long.</exception>
    public static Bytes[]? SeveralOf(Request request, NodeSettings settings)
    {
        var count = request.Batch?.Writes.Count ?? request.MultiRead?.Keys.Count ?? -1;
        if (count < 0) return null;
        var what = request.Batch is null ? "read" : "batch";
        if (count == 0) throw new ArgumentException($"the {what} names no key");
        if (count > settings.MaxBatch) throw new ArgumentException($"the {what} names {count} keys; the limit is {settings.MaxBatch}");
        var keys = new Bytes[count];
        for (var i = 0; i < count; i++)
            keys[i] = Of(request.Batch is { } batch ? batch.Writes[i].Key : request.MultiRead!.Keys[i], settings);
        var partition = Replication.Placement.Partitioner.PartitionOf(keys[0].Span, settings.Partitions);
        for (var i = 1; i < count; i++)
        {
            var other = Replication.Placement.Partitioner.PartitionOf(keys[i].Span, settings.Partitions);
            if (other == partition) continue;
            throw new ArgumentException(
                $"'{keys[0].ToDisplayString()}' is in partition {partition} and '{keys[i].ToDisplayString()}' in partition {other}: the "
                + $"keys of a {what} are of one partition, as those that share a part in braces are ({{cart:7}}total, {{cart:7}}items)");
        }

        return keys;
    }
}

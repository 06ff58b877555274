using System.Buffers.Binary;
using Gossipdb.Client.Routing;
using Google.Protobuf;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>
/// Goes through the partitions one after the other, each in the order of its keys. A cursor is the partition (four bytes, big-endian) and
/// the last key met there: it names no node and no clock, so any owner can go on from it.
/// </summary>
internal static class Scanner
{
    // Nodes take no more at once than their own limit, whatever that is.
    private const int MostAtOnce = 1000;

    public static async Task<Page<ScannedKey>> PageAsync(
        CallScope scope, Bytes prefix, string? cursor, int limit, Read? read, CancellationToken cancellation)
    {
        if (limit < 1) throw new InvalidRequestException($"A page of {limit} keys makes no sense.");
        var start = Bytes.WireOf(prefix);
        var settings = scope.Dispatcher.Settings;
        var partitions = await scope.Dispatcher.PartitionsAsync(read?.Timeout ?? settings.Timeout, cancellation).ConfigureAwait(false);
        var only = KeyHash.PartitionOfPrefix(start.Span, partitions);
        var (partition, after) = Parse(cursor, only ?? 0, partitions);
        var end = only is { } one ? one + 1 : partitions;
        var found = new List<ScannedKey>();
        while (partition < end)
        {
            if (found.Count == limit) return new Page<ScannedKey>(found, Text(partition, after));
            var scan = new Wire.Scan
            {
                Partition = partition,
                Prefix = start,
                After = after,
                Limit = (uint)Math.Min(limit - found.Count, scope.Dispatcher.MaxBatch(MostAtOnce)),
            };
            var reply = await scope.Dispatcher.ScanAsync(scan, read, scope.Clock, cancellation).ConfigureAwait(false);
            var scanned = reply.Scanned ?? throw new GossipdbException("The node answered a scan with something else.");
            foreach (var key in scanned.Keys) found.Add(new ScannedKey(new Bytes(key.Key), ValueCodec.TypeOf(key.Type)));
            after = scanned.Next;
            if (after.IsEmpty) partition++;
        }

        return new Page<ScannedKey>(found, null);
    }

    private static (uint Partition, ByteString After) Parse(string? cursor, uint first, uint partitions)
    {
        if (cursor is null) return (first, ByteString.Empty);
        var bytes = PageCursor.Parse(cursor);
        if (bytes.Length < sizeof(uint) || BinaryPrimitives.ReadUInt32BigEndian(bytes.Span) is var partition && partition >= partitions)
            throw new InvalidRequestException($"'{cursor}' is no cursor of a scan of this cluster.");
        return (BinaryPrimitives.ReadUInt32BigEndian(bytes.Span), ByteString.CopyFrom(bytes.Span[sizeof(uint)..]));
    }

    private static string Text(uint partition, ByteString after)
    {
        var bytes = new byte[sizeof(uint) + after.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, partition);
        after.Span.CopyTo(bytes.AsSpan(sizeof(uint)));
        return PageCursor.Text(UnsafeByteOperations.UnsafeWrap(bytes))!;
    }
}

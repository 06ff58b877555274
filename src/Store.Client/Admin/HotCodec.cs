using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client.Admin;

/// <summary>From what a node has counted in a while to rates.</summary>
internal static class HotCodec
{
    public static HotReport Report(Wire.HotReply wire)
    {
        var seconds = Math.Max(1, wire.WindowMs) / 1_000.0;
        var total = wire.Partitions.Sum(static one => one.Reads + one.Writes) / seconds;
        return new HotReport
        {
            Nodes = [(int)wire.Node],
            IsCounting = wire.Counting,
            Window = TimeSpan.FromMilliseconds(wire.WindowMs),
            PerSecond = total,
            Keys =
            [
                .. wire.Keys.Select(key => HotKey.Of(
                    new KeyTally<HotKeyName>(
                        new HotKeyName(new Bytes(key.Key), (int)key.Length, key.Hash),
                        (int)key.Partition,
                        key.AtMost / seconds,
                        key.Reads / seconds,
                        key.Writes / seconds),
                    total)),
            ],
            UnlistedAtMost = wire.UnlistedAtMost / seconds,
            Partitions =
            [
                .. wire.Partitions
                    .Select(one => HotPartition.Of(
                        (int)one.Partition, one.Reads / seconds, one.Writes / seconds, one.Scans / seconds, total))
                    .OrderByDescending(static one => one.PerSecond)
                    .ThenBy(static one => one.Partition),
            ],
        };
    }
}

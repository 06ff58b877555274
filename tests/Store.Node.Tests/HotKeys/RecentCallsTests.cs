using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.HotKeys;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;

namespace Gossipdb.Node.Tests.HotKeys;

/// <summary>What is remembered of late, and what is not any more.</summary>
public sealed class RecentCallsTests
{
    // Partitions 1, 3, 5 and 7 of eight.
    private readonly RecentCalls _calls = new(keys: 8, first: 1, step: 2, partitions: 8, nowMs: 0);

    [Fact]
    public void Calls_count_once_for_each_key_they_name()
    {
        _calls.Count(3, Read("a"), 1_000);
        _calls.Count(3, Write("a"), 1_000);
        _calls.Count(5, Batch("b", "c", "b"), 1_000);
        _calls.Count(5, Read("b", "c"), 1_000);
        _calls.Count(7, Scan(), 1_000);

        var reading = _calls.Take(2_000).Merge();

        Assert.Equal(2_000, reading.WindowMs);
        Assert.Equal(
            [("b", 5, 1, 2), ("a", 3, 1, 1), ("c", 5, 1, 1)],
            reading.Keys.OrderByDescending(static key => key.AtMost).ThenBy(static key => key.Key.Kept[0])
                .Select(static key => (new Bytes(key.Key.Kept).ToString(), key.Partition, (int)key.Reads, (int)key.Writes)));
        Assert.Equal(
            [new PartitionCalls(1, 0, 0, 0), new(3, 1, 1, 0), new(5, 2, 3, 0), new(7, 0, 0, 1)],
            reading.Partitions);
    }

    [Fact]
    public void What_is_older_than_two_halves_is_forgotten()
    {
        _calls.Count(1, Write("old"), RecentCalls.HalfMs - 1);
        _calls.Count(1, Write("new"), RecentCalls.HalfMs + 1);

        Assert.Equal(["new", "old"], Names(_calls.Take((2 * RecentCalls.HalfMs) - 1).Merge()).Order());
        Assert.Equal(["new"], Names(_calls.Take(2 * RecentCalls.HalfMs).Merge()));
        Assert.Empty(Names(_calls.Take(3 * RecentCalls.HalfMs).Merge()));
        Assert.All(_calls.Take(3 * RecentCalls.HalfMs).Merge().Partitions, static one => Assert.Equal(0, one.Writes));
    }

    [Fact]
    public void A_long_silence_is_part_of_no_rate()
    {
        _calls.Count(1, Write("old"), 10);
        _calls.Count(1, Write("new"), 10 * RecentCalls.HalfMs);

        var reading = _calls.Take((10 * RecentCalls.HalfMs) + 30_000).Merge();

        Assert.Equal(["new"], Names(reading));
        Assert.Equal(RecentCalls.HalfMs + 30_000, reading.WindowMs);
    }

    private static IEnumerable<string> Names(HotReading reading) =>
        reading.Keys.Select(static key => new Bytes(key.Key.Kept).ToString());

    private static WriteRequest Write(string key) =>
        new() { Key = Bytes.FromText(key), Required = 1, DeadlineMs = 0, Operation = null };

    private static WriteRequest Batch(params string[] keys) => new()
    {
        Key = Bytes.FromText(keys[0]),
        Required = 1,
        DeadlineMs = 0,
        Operation = null,
        Batch = [.. keys.Select(static key => new KeyWrite(Bytes.FromText(key), null, null))],
    };

    private static ReadRequest Read(params string[] keys) => new()
    {
        Key = Bytes.FromText(keys[0]),
        Required = 1,
        DeadlineMs = 0,
        Keys = keys.Length == 1 ? null : [.. keys.Select(Bytes.FromText)],
    };

    private static ReadRequest Scan() => new() { Key = default, Required = 1, DeadlineMs = 0, Scan = new ScanRange(default, default, 10) };
}

using Gossipdb.Client.Admin;
using Gossipdb.Node.Server;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Tests.Server;

public sealed class CallCountersTests
{
    private static readonly Request Read = new() { Read = new Read() };
    private static readonly Request Write = new() { Delete = new Delete() };
    private static readonly Reply Done = new();

    [Fact]
    public void Buckets_follow_each_other_without_a_gap_and_hold_what_is_between_their_ends()
    {
        for (var us = 0L; us < 100_000; us++)
        {
            var bucket = LatencyBuckets.Of(us);
            Assert.True(us < LatencyBuckets.EndOf(bucket), $"{us} µs in bucket {bucket}, which ends at {LatencyBuckets.EndOf(bucket)}");
            if (bucket > 0) Assert.True(us >= LatencyBuckets.EndOf(bucket - 1), $"{us} µs in bucket {bucket}");
        }

        Assert.Equal(107, LatencyBuckets.Of(long.MaxValue));
        Assert.Equal(0, LatencyBuckets.Of(-1));
    }

    [Fact]
    public void Calls_are_counted_by_level_kind_and_outcome()
    {
        var counters = new CallCounters();
        counters.Answered(Read, Named(Level.Types.Named.Quorum), Done, 3);
        counters.Answered(Read, Named(Level.Types.Named.Quorum, sloppy: true), Done, 3);
        counters.Answered(Write, Named(Level.Types.Named.Quorum), Done, 9);
        counters.Answered(Write, new Level { Count = 1 }, Done, 1);
        counters.Answered(Write, new Level { Count = 5 }, Done, 1);
        counters.Answered(new Request { Read = new Read(), MaxStalenessMs = 10 }, null, Done, 1);
        counters.Answered(Write, Named(Level.Types.Named.All), new Reply { Error = new Error { Code = ErrorCode.Unavailable } }, 1);
        counters.Answered(Write, null, new Reply { Error = new Error { Code = ErrorCode.InvalidArgument } }, 1);

        var counts = counters.Read().ToDictionary(static one => (one.Level, one.Write));

        Assert.Equal(
            [
                ("all", true), ("bounded", false), ("none", true), ("one", true), ("other", true), ("quorum", false), ("quorum", true),
                ("quorum-sloppy", false),
            ],
            counts.Keys.OrderBy(static key => key.Level, StringComparer.Ordinal).ThenBy(static key => key.Write));
        Assert.Equal([0, 0, 0, 1], counts[("quorum", false)].Latencies);
        var refused = counts[("all", true)];
        Assert.Equal((0L, ErrorCode.Unavailable, 1L), (refused.Done, refused.Failures[0].Code, refused.Failures[0].Count));
    }

    [Fact]
    public async Task Counts_of_many_threads_are_all_there()
    {
        var counters = new CallCounters();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++) counters.Answered(Read, Named(Level.Types.Named.One), Done, i % 50);
        })));

        Assert.Equal(80_000, counters.Read().Single().Done);
    }

    private static Level Named(Level.Types.Named named, bool sloppy = false) => new() { Named = named, Sloppy = sloppy };
}

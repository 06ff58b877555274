namespace Gossipdb.Client.Tests.Admin;

/// <summary>Rates, latencies and failures between two looks at nodes.</summary>
public sealed class CallActivityTests
{
    [Fact]
    public void What_was_counted_between_two_looks_by_level_and_in_all()
    {
        var before = Status(10, Counts("one", isWrite: false, [0, 5]));
        var now = Status(
            12, Counts("one", isWrite: false, [0, 5, 3, 1]), Counts("quorum", isWrite: true, [0, 0, 0, 2], ("Overloaded", 4)));

        var activity = CallActivity.Between((before, now));

        Assert.Equal(["one", "quorum"], activity.Levels.Select(static level => level.Level));
        Assert.Equal((2.0, 3, 4), Figures(activity.Reads));
        Assert.Equal((1.0, 4, 4), Figures(activity.Writes));
        Assert.Equal(2, activity.Levels[1].Failures["Overloaded"]);
        Assert.Equal(2, activity.FailuresPerSecond);
    }

    [Fact]
    public void Of_several_nodes_rates_are_added_and_latencies_are_of_all_calls()
    {
        var activity = CallActivity.Between(
            (Status(1), Status(2, Counts("one", isWrite: false, [99]))),
            (Status(1), Status(3, Counts("one", isWrite: false, [0, 0, 0, 2]))),
            (null, Status(3, Counts("one", isWrite: false, [1_000]))),
            (Status(3), null));

        Assert.Equal((100.0, 1, 4), Figures(activity.Reads));
    }

    [Fact]
    public void A_node_that_was_started_anew_counts_from_zero()
    {
        var before = Status(1_000, Counts("one", isWrite: false, [500], ("Timeout", 70)));
        var now = Status(4, Counts("one", isWrite: false, [20], ("Timeout", 8))) with { ProcessId = 2 };

        var activity = CallActivity.Between((before, now));

        Assert.Equal((5, 2), (activity.Reads.PerSecond, activity.FailuresPerSecond));
        Assert.Equal(0, CallActivity.Between((now, now)).Reads.PerSecond);
    }

    private static (double PerSecond, int Median, int P99) Figures(CallFigures figures) =>
        (figures.PerSecond, (int)figures.Median.TotalMicroseconds, (int)figures.P99.TotalMicroseconds);

    private static NodeStatus Status(int upSeconds, params CallCounts[] calls) =>
        new() { Node = 1, ProcessId = 1, Uptime = TimeSpan.FromSeconds(upSeconds), Calls = calls };

    private static CallCounts Counts(string level, bool isWrite, long[] latencies, params (string Code, long Count)[] failures) => new()
    {
        Level = level,
        IsWrite = isWrite,
        Done = latencies.Sum(),
        Latencies = latencies,
        Failures = failures.ToDictionary(static one => one.Code, static one => one.Count),
    };
}

using Gossipdb.Bench.Baseline;
using Gossipdb.Bench.Load;

namespace Gossipdb.Bench.Tests;

/// <summary>What another build is asked, so that its rows are like those of this one.</summary>
public sealed class BaselineTests
{
    private static readonly string[] Always =
        ["cluster", "--only", "gossipdb", "--json", "--keys", "500", "--seconds", "4"];

    [Fact]
    public void What_is_as_usual_is_not_said_for_the_build_may_be_older_than_the_option() =>
        Assert.Equal(Always, BaselineRun.Arguments(new WorkloadSelection { Keys = 500 }, TimeSpan.FromSeconds(4)));

    [Fact]
    public void What_was_chosen_is_passed_on()
    {
        var selection = new WorkloadSelection { Keys = 500, InFlight = [64, 256], Levels = [Level.One, Level.All] };

        Assert.Equal(
            [.. Always, "--in-flight", "64", "256", "--levels", "one", "all"],
            BaselineRun.Arguments(selection, TimeSpan.FromSeconds(4)));
    }
}

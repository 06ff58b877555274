using Gossipdb.Lab.Running;
using Gossipdb.Lab.Scenarios;
using Gossipdb.LocalCluster.Control;

namespace Gossipdb.Lab.Tests.Running;

/// <summary>What is told of a run while it goes on.</summary>
public sealed class RunLogTests
{
    private readonly RunLog _log = new(ShippedScenarios.Find("cap")!, "alice", 2, "lab:cap-1:", "/runs/cap-1");

    [Fact]
    public void It_tells_who_runs_what_and_the_last_of_what_happened()
    {
        for (var i = 0; i < 100; i++) _log.Happened(TimeSpan.FromSeconds(i), $"cut {i}");
        _log.Doing(new string('x', 1_000));

        var sight = _log.Sight;
        Assert.Equal(("cap", "alice", 2, 14.0, false), (sight.Scenario, sight.By, sight.Number, sight.Seconds, sight.IsOver));
        Assert.Equal(60, sight.Events.Count);
        Assert.Equal(new ScenarioEvent(41, "cut 41"), sight.Events[0]);
        Assert.Equal(300, sight.Doing.Length);
        Assert.Null(sight.At);
    }

    [Fact]
    public void One_that_failed_is_over_and_says_why()
    {
        _log.Failed("the disk is full");

        Assert.Equal((true, "the disk is full"), (_log.Sight.IsOver, _log.Sight.Problem));
        Assert.Empty(_log.Sight.Expectations);
    }
}

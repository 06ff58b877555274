using Gossipdb.Lab.Running;
using Gossipdb.Lab.Scenarios;
using Gossipdb.Lab.Words;

namespace Gossipdb.Lab.Tests.Running;

public sealed class CallerScriptTests
{
    [Fact]
    public void A_seed_repeats_what_every_caller_does() =>
        Assert.Equal(Steps(Group(), caller: 3, seed: 42, count: 500), Steps(Group(), caller: 3, seed: 42, count: 500));

    // Whoever keeps a seed in a bug report expects it to mean the same next year.
    [Fact]
    public void What_a_seed_means_does_not_change_with_versions() => Assert.Equal(
        [
            "counter read counter-6", "counter increment counter-10", "counter increment counter-7", "counter increment counter-9",
        ],
        Steps(Group(), caller: 0, seed: 1, count: 4).Select(static step => $"{step.Operation} {step.Key}"));

    [Fact]
    public void Callers_groups_and_seeds_differ()
    {
        var one = Steps(Group(), caller: 0, seed: 1, count: 50);

        Assert.NotEqual(one, Steps(Group(), caller: 1, seed: 1, count: 50));
        Assert.NotEqual(one, Steps(Group(), caller: 0, seed: 2, count: 50));
        Assert.NotEqual(one, [.. Enumerable.Range(0, 50).Select(_ => 0).Aggregate(
            (Script: new CallerScript(Group(), 1, 0, 1), Steps: new List<WorkloadStep>()),
            static (state, _) =>
            {
                state.Steps.Add(state.Script.Next());
                return state;
            }).Steps]);
    }

    [Fact]
    public void Operations_come_in_proportion_to_their_weights()
    {
        var steps = Steps(Group(), caller: 0, seed: 9, count: 20_000);

        Assert.InRange(steps.Count(static step => step.Operation.Text == "counter increment"), 11_500, 12_500); // 3 of 5
        Assert.InRange(steps.Count(static step => step.Operation.Text == "set add"), 3_600, 4_400); // 1 of 5
    }

    [Theory]
    [InlineData(KeyDistribution.Uniform, 0.08, 0.12)]
    [InlineData(KeyDistribution.Zipf, 0.30, 0.37)] // 1 / (1 + 1/2 + … + 1/10) = 0.341
    public void Keys_are_chosen_as_their_distribution_says(KeyDistribution distribution, double least, double most)
    {
        var group = Group() with { Keys = new KeyChoice { Count = 10, Distribution = distribution, Exponent = 1 } };
        var steps = Steps(group, caller: 0, seed: 5, count: 20_000);

        Assert.InRange(steps.Count(static step => step.Key.EndsWith("-1", StringComparison.Ordinal)) / 20_000.0, least, most);
        Assert.Equal(20, steps.Select(static step => step.Key).Distinct().Count()); // ten of each type
    }

    [Fact]
    public void A_caller_may_have_a_key_of_its_own_and_an_operation_too()
    {
        var own = Group() with { Keys = new KeyChoice { Prefix = "k-", Distribution = KeyDistribution.Own, Count = 8 } };
        var fresh = Group() with { Keys = new KeyChoice { Prefix = "k-", Distribution = KeyDistribution.Fresh } };

        Assert.Equal(["k-3"], Steps(own, caller: 2, seed: 1, count: 40).Select(static step => step.Key).Distinct());
        Assert.Equal(40, Steps(fresh, caller: 2, seed: 1, count: 40).Select(static step => step.Key).Distinct().Count());
    }

    private static WorkloadStep[] Steps(CallerGroup group, int caller, ulong seed, int count)
    {
        var script = new CallerScript(group, groupNumber: 0, caller, seed);
        return [.. Enumerable.Range(0, count).Select(_ => script.Next())];
    }

    private static CallerGroup Group() => new()
    {
        Name = "callers",
        Nodes = [1, 2, 3],
        Read = LevelWord.Quorum,
        Write = LevelWord.Quorum,
        Keys = new KeyChoice { Count = 10 },
        Mix =
        [
            new(OperationKind.Find("counter increment")!, 3),
            new(OperationKind.Find("counter read")!, 1),
            new(OperationKind.Find("set add")!, 1),
        ],
    };
}

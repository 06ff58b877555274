using Gossipdb.Lab.Results;

namespace Gossipdb.Lab.Tests;

public sealed class RunResultsTests
{
    [Fact]
    public void A_run_is_met_where_every_expectation_is()
    {
        var results = new RunResults { Scenario = "x", Seed = 1, Started = default, Took = default };
        Assert.True(results.IsMet);
        Assert.False((results with { Expectations = [new("a", true, "1", []), new("b", false, "2", [])] }).IsMet);
    }
}

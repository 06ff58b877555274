using Gossipdb.Node.Configuration;

namespace Gossipdb.Node.Tests.Configuration;

public class ConsistencyLevelTests
{
    [Theory]
    [InlineData("one", 1, 1, 1)]
    [InlineData("two", 2, 2, 2)]
    [InlineData("quorum", 2, 3, 4)]
    [InlineData("QUORUM", 2, 3, 4)]
    [InlineData("all", 3, 5, 6)]
    [InlineData("1", 1, 1, 1)]
    [InlineData("7", 7, 7, 7)]
    [InlineData("quorum-sloppy", 2, 3, 4)]
    [InlineData("2-SLOPPY", 2, 2, 2)]
    public void A_level_resolves_to_a_number_of_owners(string text, int ofThree, int ofFive, int ofSix)
    {
        Assert.True(ConsistencyLevel.TryParse(text, out var level));
        Assert.Equal((ofThree, ofFive, ofSix), (level.Resolve(3), level.Resolve(5), level.Resolve(6)));
        Assert.Equal(text.EndsWith("-sloppy", StringComparison.OrdinalIgnoreCase), level.IsSloppy);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public void A_quorum_of_few_is_a_majority(int replication, int needed) =>
        Assert.Equal(needed, ConsistencyLevel.Quorum.Resolve(replication));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1.0")]
    [InlineData("three")]
    [InlineData("99999999999")]
    [InlineData("quorum ")]
    [InlineData("-sloppy")]
    [InlineData("quorum-sloppy-sloppy")]
    public void Anything_else_is_no_level(string text) => Assert.False(ConsistencyLevel.TryParse(text, out _));
}

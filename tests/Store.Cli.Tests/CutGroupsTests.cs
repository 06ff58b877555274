using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;

namespace Gossipdb.Cli.Tests;

public sealed class CutGroupsTests
{
    [Theory]
    [InlineData("1 / 2,3", "1 / 2,3")]
    [InlineData("1/2,3", "1 / 2,3")]
    [InlineData("3 1 / 2", "3,1 / 2")]
    [InlineData("1 / 2 / 3", "1 / 2 / 3")]
    public void Groups_are_read(string words, string expected) =>
        Assert.Equal(expected, CutGroups.Parse(words.Split(' '), [1, 2, 3]).ToString());

    [Fact]
    public void A_node_is_cut_from_every_other_group()
    {
        var groups = CutGroups.Parse(["1,4", "/", "2", "/", "3"], [1, 2, 3, 4]);

        Assert.Equal([2, 3], groups.CutsOf(1));
        Assert.Equal([1, 3, 4], groups.CutsOf(2));
        Assert.Equal([1, 2, 4], groups.CutsOf(3));
        Assert.Equal([2, 3], groups.CutsOf(4));
    }

    [Theory]
    [InlineData("1,2,3", "'1,2,3' is one group")]
    [InlineData("1 / 2", "node 3 is in no group")]
    [InlineData("1 / 2,3,4", "there is no node 4; the cluster's nodes are 1, 2, 3")]
    [InlineData("1 / 1,2,3", "node 1 is named twice")]
    [InlineData("1 / ", "has an empty group")]
    [InlineData("1 / 2,x", "'x' is no node id")]
    public void Anything_else_is_refused(string words, string because)
    {
        var refused = Assert.Throws<CliException>(() => CutGroups.Parse(words.Split(' '), [1, 2, 3]));

        Assert.Contains(because, refused.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, refused.Exit);
    }
}

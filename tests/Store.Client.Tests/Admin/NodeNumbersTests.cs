using Gossipdb.Client.Admin;

namespace Gossipdb.Client.Tests.Admin;

public sealed class NodeNumbersTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("2", "2")]
    [InlineData("2 3", "2,3")]
    [InlineData("1 2 3", "1-3")]
    [InlineData("1 3 4 6 7 8 9 12", "1,3,4,6-9,12")]
    public void Three_and_more_in_a_row_are_a_range(string nodes, string text) =>
        Assert.Equal(text, NodeNumbers.Text([.. nodes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)]));
}

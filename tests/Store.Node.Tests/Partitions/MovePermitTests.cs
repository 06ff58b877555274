using Gossipdb.Node.Partitions;

namespace Gossipdb.Node.Tests.Partitions;

public sealed class MovePermitTests
{
    private readonly MovePermits _permits = new(most: 2);

    [Fact]
    public void No_more_partitions_move_at_once_than_there_are_permits()
    {
        var (first, second, third) = (new MovePermit(_permits), new MovePermit(_permits), new MovePermit(_permits));
        Assert.True(first.Ask(isWanted: true));
        Assert.True(second.Ask(isWanted: true));
        Assert.False(third.Ask(isWanted: true));

        // Who asks again has one all the same, and no second one.
        Assert.True(first.Ask(isWanted: true));
        Assert.False(first.Ask(isWanted: false));
        Assert.True(third.Ask(isWanted: true));
        Assert.False(first.Ask(isWanted: true));
    }

    [Fact]
    public void Who_never_had_one_gives_none_back()
    {
        var idle = new MovePermit(_permits);
        var (first, second, third) = (new MovePermit(_permits), new MovePermit(_permits), new MovePermit(_permits));
        Assert.False(idle.Ask(isWanted: false));
        Assert.True(first.Ask(isWanted: true));
        Assert.True(second.Ask(isWanted: true));
        Assert.False(third.Ask(isWanted: true));
        Assert.False(third.Ask(isWanted: false));
        Assert.False(idle.Ask(isWanted: true));
    }
}

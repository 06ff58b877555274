using Gossipdb.Replication.Hosting;

namespace Gossipdb.Replication.Tests.Hosting;

public sealed class RecoveryPassesTests
{
    [Theory]
    [InlineData(64, 0, 1)]
    [InlineData(64, RecoveryPasses.BytesOfAPass, 1)]
    [InlineData(64, 3 * RecoveryPasses.BytesOfAPass, 3)]
    [InlineData(64, 1000 * RecoveryPasses.BytesOfAPass, RecoveryPasses.MostPasses)]
    [InlineData(2, 1000 * RecoveryPasses.BytesOfAPass, 2)]
    [InlineData(1, 1000 * RecoveryPasses.BytesOfAPass, 1)]
    [InlineData(7, 1000 * RecoveryPasses.BytesOfAPass, RecoveryPasses.MostPasses)]
    public void Every_partition_is_of_one_pass(int partitions, long bytes, int count)
    {
        var passes = new RecoveryPasses(partitions, bytes);
        Assert.Equal(count, passes.Count);
        var next = 0;
        while (!passes.IsEnded)
        {
            Assert.Equal(next, passes.First);
            Assert.True(passes.End > passes.First, "a pass is for nobody");
            for (var partition = 0; partition < partitions; partition++)
                Assert.Equal(partition >= passes.First && partition < passes.End, passes.Takes(partition));
            next = passes.End;
            passes.EndPass();
        }

        Assert.Equal(partitions, next);
        Assert.Throws<InvalidOperationException>(passes.EndPass);
    }
}

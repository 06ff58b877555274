namespace Gossipdb.Client.Tests.Admin;

/// <summary>What several nodes say of hot keys, as one.</summary>
public sealed class HotReportTests
{
    [Fact]
    public void Bounds_of_several_nodes_are_bounds_of_the_whole()
    {
        var first = Report(1, unlisted: 2, [Key("a", 0, 10, 8, 1), Key("b", 1, 5, 5, 0)], [(0, 20), (1, 6)]);
        var second = Report(2, unlisted: 3, [Key("a", 0, 4, 1, 3)], [(0, 5), (1, 1)]);

        var merged = HotReport.Merge([first, second]);

        Assert.Equal([1, 2], merged.Nodes);
        Assert.Equal((32, 5), (merged.PerSecond, merged.UnlistedAtMost));

        // Of b the second node says nothing: it had three calls at most, and all of b's partition had one.
        Assert.Equal(
            [("a", 13.0, 14.0), ("b", 5.0, 6.0)], merged.Keys.Select(static key => (key.Key.Text, key.AtLeast, key.AtMost)));
        Assert.Equal(13 / 32.0, merged.Keys[0].Share);
        Assert.Equal([(0, 25.0), (1, 7.0)], merged.Partitions.Select(static one => (one.Partition, one.PerSecond)));
    }

    [Fact]
    public void Of_nobody_there_is_nothing()
    {
        var merged = HotReport.Merge([]);

        Assert.False(merged.IsCounting);
        Assert.Empty(merged.Keys);
    }

    private static HotReport Report(int node, double unlisted, HotKey[] keys, (int Partition, double Writes)[] partitions) => new()
    {
        Nodes = [node],
        IsCounting = true,
        Window = TimeSpan.FromSeconds(90),
        Keys = keys,
        UnlistedAtMost = unlisted,
        PerSecond = partitions.Sum(static one => one.Writes),
        Partitions = [.. partitions.Select(static one => new HotPartition { Partition = one.Partition, Writes = one.Writes })],
    };

    private static HotKey Key(string name, int partition, double atMost, double reads, double writes) => new()
    {
        Key = name,
        Length = name.Length,
        Partition = partition,
        AtMost = atMost,
        Reads = reads,
        Writes = writes,
    };
}

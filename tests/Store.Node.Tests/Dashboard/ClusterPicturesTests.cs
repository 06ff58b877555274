using Gossipdb.Node.Dashboard;
using Gossipdb.Protocol;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Dashboard;

/// <summary>What becomes of what nodes say of themselves: lag, rates, and what happened in words.</summary>
public sealed class ClusterPicturesTests
{
    private static readonly Layout Layout = Layout.Found(
        2, 3, [new Member(new NodeId(1)), new Member(new NodeId(2)), new Member(new NodeId(3))]);

    private readonly Happenings _happenings = new();

    [Fact]
    public void A_replica_lags_by_what_it_lacks_of_all_that_any_other_has()
    {
        var now = Snapshot(Replica(1, (7, 10), (8, 2)), Replica(2, (7, 4), (8, 2), (9, 1)), Replica(3, (7, 10), (8, 2), (9, 1)));

        var replicas = ClusterPictures.Partitions(now).Parts[0].Replicas;

        Assert.Equal([(1, 1L), (2, 6L), (3, 0L)], replicas.Select(static one => (one.Node, one.Lag)));
    }

    [Fact]
    public void Who_has_folded_away_an_id_that_has_ended_does_not_lack_it()
    {
        var folded = Replica(1, (7, 10));
        folded.Partitions[0].RetiredReplicas = 1;

        var replicas = ClusterPictures.Partitions(Snapshot(folded, Replica(2, (7, 10), (8, 99)))).Parts[0].Replicas;

        Assert.All(replicas, static one => Assert.Equal(0, one.Lag));
    }

    [Fact]
    public void Rates_and_quantiles_are_of_the_calls_in_between()
    {
        var before = Snapshot(Counted(1, done: 100, bucket: 40), Counted(2, done: 0, bucket: 40));
        Thread.Sleep(20);
        var now = Snapshot(Counted(1, done: 100, bucket: 40), Counted(2, done: 50, bucket: 8, failed: 5));

        var row = Assert.Single(new LiveFigures().Add(before, now).Rows);

        Assert.Equal((CallLevel, true, 10L, 10L), (row.Level, row.Write, row.P50, row.P99));
        Assert.Equal(10.0, row.Rate / row.Failed!["Unavailable"], 1.0);
        Assert.Equal(0.0, LiveFigures.RateOf(before, now, new NodeId(1)).Done);
        Assert.True(LiveFigures.RateOf(before, now, new NodeId(2)).Done > 0);
    }

    [Fact]
    public void A_node_that_was_started_anew_counts_from_zero()
    {
        var before = Snapshot(Counted(1, done: 100, bucket: 40));
        Thread.Sleep(20);
        var after = Counted(1, done: 3, bucket: 40);
        after.ProcessId = 4_711;

        Assert.True(new LiveFigures().Add(before, Snapshot(after)).Rows.Single().Rate > 0);
        Assert.Equal(["node 1 was started anew"], Told(before, Snapshot(after)));
    }

    [Fact]
    public void Figures_of_five_minutes_are_kept_and_no_more()
    {
        var figures = new LiveFigures();
        for (var i = 0; i < LiveFigures.Kept + 5; i++) figures.Add(null, Snapshot());

        Assert.Equal(LiveFigures.Kept, figures.Points.Count);
    }

    [Fact]
    public void Nodes_that_are_lost_found_silent_or_in_trouble_are_told_of()
    {
        var fine = Snapshot(Hearing(1, true), Hearing(2, true));
        var lost = Snapshot(Hearing(1, false), Hearing(2, true));
        var unready = Hearing(1, true);
        (unready.Ready, unready.Trouble) = (false, "it reads its journal");
        var silent = new ClusterSnapshot(
            new NodeId(1), [new NodeHeard(new NodeId(1), "", null, "it does not answer"), .. fine.Nodes.Skip(1)], Layout, Owners, null);

        Assert.Equal(["node 1 lost node 3"], Told(fine, lost));
        Assert.Equal(["node 1 hears node 3 again"], Told(lost, fine));
        Assert.Equal(
            ["nodes 1,2 lost node 3"], Told(fine, Snapshot(Hearing(1, false), Hearing(2, false))));
        Assert.Equal(["node 1 does not answer any more"], Told(fine, silent));
        Assert.Equal(["node 1 answers again"], Told(silent, fine));
        Assert.Equal(["node 1 is not ready: it reads its journal"], Told(fine, Snapshot(unready, Hearing(2, true))));
        Assert.Empty(Told(fine, Snapshot(Hearing(1, true), Hearing(2, true))));
    }

    [Fact]
    public void A_slot_has_moved_once_the_newest_that_is_said_names_another_holder()
    {
        var before = Snapshot(Holding(1, (1, 4), (2, 4)), Holding(2, (1, 4), (2, 4)));
        var underWay = Snapshot(Holding(1, (1, 4), (2, 4)), Holding(2, (3, 5), (2, 4)));

        Assert.Equal(["partition 0 moved from node 1 to node 3"], Told(before, underWay));

        // One that has not heard of it yet says nothing new.
        Assert.Empty(Told(underWay, Snapshot(Holding(1, (3, 5), (2, 4)), Holding(2, (3, 5), (2, 4)))));
    }

    [Fact]
    public void What_is_held_for_others_and_what_fails_is_told_of()
    {
        var before = Counted(1, done: 1, bucket: 4);
        var now = Counted(1, done: 1, bucket: 4, failed: 2);
        now.HeldBytes = 100;

        Assert.Equal(
            ["node 1 holds writes for absent owners", $"node 1: 2 writes at {CallLevel} ended as unavailable"],
            Told(Snapshot(before), Snapshot(now)));
    }

    [Theory]
    [InlineData("1>2 2>1 1>3 3>1", "1 / 2,3 cut")]
    [InlineData("1>2 2>1", "1 / 2 cut")]
    [InlineData("1>2", "1 → 2 cut")]
    [InlineData("1>2 2>1 1>3", "1 / 2 cut, 1 → 3 cut")]
    [InlineData("1>2 2>1 1>3 3>1 1>4 4>1 2>3 3>2 2>4 4>2", "1 / 2 / 3,4 cut")]
    public void A_cut_is_named_by_its_sides_where_it_has_some(string cuts, string words)
    {
        var faults = new FaultSet();
        foreach (var cut in cuts.Split(' '))
            faults.Links.Add(new LinkFault { From = (uint)(cut[0] - '0'), To = (uint)(cut[2] - '0'), Cut = true });

        Assert.Equal(words, FaultTexts.InWords(faults));
        Assert.Equal(faults, FaultTexts.Told(FaultTexts.Shown(faults)));
    }

    private const string CallLevel = "quorum";

    private static IReadOnlyList<IReadOnlyList<NodeId>> Owners { get; } =
        [.. Enumerable.Repeat<IReadOnlyList<NodeId>>([new NodeId(1), new NodeId(2), new NodeId(3)], 2)];

    private static ClusterSnapshot Snapshot(params NodeStatus[] nodes) => new(
        new NodeId(1), [.. nodes.Select(static node => new NodeHeard(new NodeId((int)node.Node), "", node, null))], Layout, Owners, null);

    private static NodeStatus Replica(uint node, params (ulong Replica, long Sequence)[] clock)
    {
        var applied = new Clock();
        foreach (var (replica, sequence) in clock) applied.Entries.Add(new VectorEntry { Replica = replica, Sequence = sequence });
        return new NodeStatus { Node = node, Ready = true, Partitions = { new PartitionStatus { Applied = applied } } };
    }

    private static NodeStatus Counted(uint node, long done, int bucket, long failed = 0)
    {
        var counts = new CallCounts { Level = CallLevel, Write = true, Done = done };
        counts.Latencies.AddRange(Enumerable.Repeat(0L, bucket).Append(done));
        if (failed > 0) counts.Failures.Add(new CallFailures { Code = ErrorCode.Unavailable, Count = failed });
        return new NodeStatus { Node = node, Ready = true, Calls = { counts } };
    }

    private static NodeStatus Hearing(uint node, bool hears) =>
        new() { Node = node, Ready = true, Peers = { new PeerStatus { Node = 3, Reachable = hears } } };

    private static NodeStatus Holding(uint node, params (uint Node, long Epoch)[] slots)
    {
        var partition = new PartitionStatus { Applied = new Clock() };
        foreach (var (holder, epoch) in slots) partition.Slots.Add(new SlotStatus { Node = holder, Epoch = epoch, Held = true });
        return new NodeStatus { Node = node, Ready = true, Partitions = { partition } };
    }

    private IEnumerable<string> Told(ClusterSnapshot before, ClusterSnapshot now)
    {
        var last = _happenings.After(0).LastOrDefault()?.Number ?? 0;
        _happenings.Compare(before, now);
        return _happenings.After(last).Select(static one => one.Text);
    }
}

using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sketches;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Sketches;

public class HyperLogLogTests
{
    private readonly SimulatedReplica _a = new(CrdtType.HyperLogLog, 0xA);
    private readonly SimulatedReplica _b = new(CrdtType.HyperLogLog, 0xB);

    /// <summary>
    /// Three standard errors of 0.81 %, over cardinalities small and great; the elements are fixed, so this passes always or never.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(1_000)]
    [InlineData(10_000)]
    [InlineData(40_000)]
    [InlineData(100_000)]
    [InlineData(1_000_000)]
    public void The_estimate_is_within_the_bound(int count)
    {
        Add(_a, 0, count);
        Assert.InRange(Log(_a).Estimate, (count * (1 - (3 * 0.0081))) - 0.5, (count * (1 + (3 * 0.0081))) + 0.5);
        Collect(_a);
        Assert.InRange(Log(_a).Estimate, (count * (1 - (3 * 0.0081))) - 0.5, (count * (1 + (3 * 0.0081))) + 0.5);
    }

    [Fact]
    public void Both_sides_of_a_cut_are_counted_and_what_both_added_once()
    {
        Add(_a, 0, 2_000);
        Add(_b, 1_000, 3_000);
        _a.Join(_b, whole: true);
        Assert.InRange(Log(_a).Estimate, 2_950, 3_050);
    }

    [Fact]
    public void A_deletion_removes_what_it_saw_and_concurrent_adds_survive_even_of_elements_known()
    {
        var known = _a.Do(new HyperLogLogAdd([Bytes.FromText("x"), Bytes.FromText("y")]));
        _b.Apply(known);
        var again = _b.Do(new HyperLogLogAdd([Bytes.FromText("x")]));
        var delete = _a.Do(new Delete(CrdtType.HyperLogLog));
        Assert.False(_a.State.IsVisible);
        _a.Apply(again);
        _b.Apply(delete);
        Assert.Equal(1, Log(_a).Estimate);
        Assert.Equal(_a.State.Digest(), _b.State.Digest());
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(100, 320)]
    [InlineData(4_000, 9_000)]
    [InlineData(1_000_000, 12_300)]
    public void Once_stable_it_weighs_three_bytes_an_element_and_never_more_than_12_300(int count, int atMost)
    {
        Add(_a, 0, count);
        Collect(_a);
        var bytes = _a.State.ToBytes().Length;
        Assert.True(bytes <= atMost + 3, $"{bytes} bytes");
        Assert.InRange(_a.State.ApproximateBytes, bytes * 0.5, (bytes * 1.7) + 10);
        Assert.Equal(_a.State.ToHex(), Reading.Decode(_a.State.ToBytes()).ToHex());
    }

    [Fact]
    public void An_add_costs_some_bytes_and_adding_nothing_says_nothing()
    {
        Add(_a, 0, 100_000);
        Assert.True(_a.Do(new HyperLogLogAdd([Bytes.FromText("one more")])).Delta.ToBytes().Length < 24);
        Assert.True(_a.Do(new HyperLogLogAdd([])).Delta is { IsFragment: true, IsBottom: true });
    }

    private static void Add(SimulatedReplica replica, int from, int to)
    {
        for (var i = from; i < to; i += 10_000)
            replica.Do(new HyperLogLogAdd([.. Enumerable.Range(i, Math.Min(10_000, to - i)).Select(n => Bytes.FromText($"element {n}"))]));
    }

    private static void Collect(SimulatedReplica replica) => replica.CollectAt(new StableCut(replica.Clock.Copy(), 0, []));

    private static HyperLogLog Log(SimulatedReplica replica) => (HyperLogLog)replica.State;
}

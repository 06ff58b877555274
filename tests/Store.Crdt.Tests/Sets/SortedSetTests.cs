using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sets;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Sets;

public class SortedSetTests
{
    private static readonly Bytes Ann = Bytes.FromText("ann");
    private static readonly Bytes Bob = Bytes.FromText("bob");
    private static readonly Bytes Cid = Bytes.FromText("cid");
    private static readonly OperationId X = new(7, 1, 1000);

    private readonly SimulatedReplica _a = new(CrdtType.SortedSet, 0xA);
    private readonly SimulatedReplica _b = new(CrdtType.SortedSet, 0xB);

    [Fact]
    public void Ranks_the_highest_score_first_and_ties_by_member()
    {
        _a.Do(new SortedSetAssign([new(Cid, 5), new(Bob, 5), new(Ann, 3)]));
        Assert.Equal([new ScoredMember(Bob, 5), new(Cid, 5), new(Ann, 3)], Set(_a).RangeByRank(0, 10));
        Assert.True(Set(_a).TryGetRank(Ann, out var rank));
        Assert.Equal(2, rank);
        Assert.False(Set(_a).TryGetRank(Bytes.FromText("nobody"), out _));
        Assert.Equal([new ScoredMember(Cid, 5)], Set(_a).RangeByRank(1, 1));
        Assert.Empty(Set(_a).RangeByRank(3, 5));
    }

    [Fact]
    public void Ranges_by_score_hold_both_ends()
    {
        _a.Do(new SortedSetAssign([new(Ann, long.MinValue), new(Bob, 0), new(Cid, long.MaxValue)]));
        Assert.Equal(3, Set(_a).RangeByScore(long.MinValue, long.MaxValue, 10).Length);
        Assert.Equal([new ScoredMember(Bob, 0)], Set(_a).RangeByScore(0, 0, 10));
        Assert.Equal([new ScoredMember(Cid, long.MaxValue)], Set(_a).RangeByScore(0, long.MaxValue, 1));
        Assert.Empty(Set(_a).RangeByScore(1, 0, 10));
    }

    [Fact]
    public void An_assignment_replaces_observed_increments_and_concurrent_ones_come_on_top()
    {
        _b.Apply(_a.Do(new SortedSetIncrement(Ann, 5)));
        var assign = _a.Do(new SortedSetAssign([new(Ann, 100)]));
        var increment = _b.Do(new SortedSetIncrement(Ann, 1));
        _a.Apply(increment);
        _b.Apply(assign);
        Assert.Equal("ann=101", _a.State.Read());
        Assert.Equal(_a.State.Digest(), _b.State.Digest());
    }

    [Fact]
    public void The_loser_of_two_concurrent_assignments_outlives_a_removal_that_saw_only_the_winner()
    {
        var early = _a.Do(new SortedSetAssign([new(Ann, 1)]), physical: 10);
        var late = _b.Do(new SortedSetAssign([new(Ann, 2)]), physical: 20);
        var remove = _b.Do(new SortedSetRemove([Ann]));
        _a.Apply(late);
        Assert.Equal("ann=2", _a.State.Read());
        _a.Apply(remove);
        _b.Apply(early);
        Assert.Equal("ann=1", _a.State.Read());
        Assert.Equal(_a.State.Digest(), _b.State.Digest());
    }

    [Fact]
    public void Increments_concurrent_with_the_removal_of_their_member_survive_and_observed_ones_do_not()
    {
        _b.Apply(_a.Do(new SortedSetIncrement(Ann, 10)));
        var remove = _a.Do(new SortedSetRemove([Ann]));
        var increment = _b.Do(new SortedSetIncrement(Ann, 1));
        Assert.Null(_a.State.Read());
        _a.Apply(increment);
        _b.Apply(remove);
        Assert.Equal("ann=1", _a.State.Read());
        Assert.Equal(_a.State.Digest(), _b.State.Digest());
    }

    [Fact]
    public void A_retried_increment_counts_once_and_is_recognised()
    {
        var first = _a.Do(new SortedSetIncrement(Ann, 5), X);
        _a.Apply(_b.Do(new SortedSetIncrement(Ann, 5), X));
        Assert.Equal("ann=5", _a.State.Read());
        Assert.True(_a.State.TryGetExecution(new SortedSetIncrement(Ann, 5), X, out var dot));
        Assert.Equal(first.Name, dot);
        Assert.False(_a.State.TryGetExecution(new SortedSetIncrement(Bob, 5), X, out _));
    }

    [Fact]
    public void Scores_stay_within_64_bits()
    {
        _a.Do(new SortedSetAssign([new(Ann, long.MaxValue)]));
        Assert.Throws<OverflowException>(() => _a.Do(new SortedSetIncrement(Ann, 1)));
        _a.Do(new SortedSetIncrement(Ann, -1), X);
        _a.Do(new SortedSetIncrement(Ann, 1));
        var more = _b.Do(new SortedSetIncrement(Ann, 7));
        _a.Apply(more);
        Assert.Equal($"ann={long.MaxValue}", _a.State.Read());
    }

    [Fact]
    public void Refuses_a_member_assigned_twice() =>
        Assert.Throws<ArgumentException>(() => _a.Do(new SortedSetAssign([new(Ann, 1), new(Ann, 2)])));

    [Fact]
    public void Deltas_cost_what_the_change_costs_and_removals_leave_nothing_once_stable()
    {
        _a.Do(new SortedSetAssign([.. Enumerable.Range(0, 10_000).Select(i => new ScoredMember(Bytes.FromText($"member-{i}"), i))]));
        _b.Join(_a, whole: true);
        Assert.True(_a.Do(new SortedSetIncrement(Ann, 1)).Delta.ToBytes().Length < 48);
        Assert.True(_a.State.DeltaSince(_b.Clock).ToBytes().Length < 64);
        Assert.True(_a.Do(new SortedSetRemove([Ann])).Delta.ToBytes().Length < 64);
        Assert.True(_a.Do(new Delete(CrdtType.SortedSet)).Delta.ToBytes().Length < 64);
        _a.CollectAt(new StableCut(_a.Clock.Copy(), 0, []));
        Assert.True(_a.State.IsBottom);
    }

    [Fact]
    public void The_index_answers_as_a_sorted_list_does()
    {
        // Past three levels of the tree and back, in an order that repeats itself at every run.
        var expected = new SortedDictionary<Bytes, long>();
        var state = 12345u;
        for (var i = 0; i < 30_000; i++)
        {
            state = (state * 1664525) + 1013904223;
            var member = Bytes.FromText($"{(state >> 8) % 12_000}");
            if (i % 3 == 2 || i > 24_000)
            {
                _a.Do(new SortedSetRemove([member]));
                expected.Remove(member);
            }
            else
            {
                var score = (long)(state >> 20) % 500;
                _a.Do(new SortedSetAssign([new(member, score)]));
                expected[member] = score;
            }

            if (i == 0) Set(_a).RangeByRank(0, 1); // the index is there from now on
        }

        var ordered = expected.OrderByDescending(m => m.Value).ThenBy(m => m.Key).Select(m => new ScoredMember(m.Key, m.Value)).ToArray();
        Assert.True(ordered.Length > 4_000);
        Assert.Equal(ordered, Set(_a).RangeByRank(0, int.MaxValue));
        Assert.Equal(ordered[1000..1100], Set(_a).RangeByRank(1000, 100));
        for (var i = 0; i < ordered.Length; i += 97) Assert.True(Set(_a).TryGetRank(ordered[i].Member, out var rank) && rank == i);
        Assert.Equal(ordered.Where(m => m.Score is >= 100 and <= 200), Set(_a).RangeByScore(100, 200, int.MaxValue));

        _a.Do(new SortedSetRemove([.. expected.Keys]));
        Assert.Empty(Set(_a).RangeByRank(0, int.MaxValue));
        Assert.Equal(0, Set(_a).Count);
    }

    private static SortedSet Set(SimulatedReplica replica) => (SortedSet)replica.State;
}

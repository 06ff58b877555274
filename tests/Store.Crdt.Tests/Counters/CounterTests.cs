using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Counters;

public class CounterTests
{
    private static readonly OperationId X = new(7, 1, 1000);

    private readonly SimulatedReplica _a = new(CrdtType.Counter, 0xA);
    private readonly SimulatedReplica _b = new(CrdtType.Counter, 0xB);
    private readonly SimulatedReplica _c = new(CrdtType.Counter, 0xC);

    [Fact]
    public void Counts_up_and_down()
    {
        _a.Do(new CounterIncrement(5));
        _a.Do(new CounterIncrement(-7));
        Assert.Equal(-2, Value(_a));
        Assert.True(_a.State.IsVisible);
    }

    [Fact]
    public void One_operation_executed_at_two_nodes_counts_once_in_every_order_of_delivery()
    {
        var first = _a.Do(new CounterIncrement(1), X);
        var retry = _b.Do(new CounterIncrement(1), X);
        var other = _c.Do(new CounterIncrement(10));
        foreach (var order in new[] { new[] { first, retry, other }, [retry, first, other], [other, retry, first], [retry, other, first] })
        {
            var replica = new SimulatedReplica(CrdtType.Counter, 0xD);
            replica.Apply(order);
            Assert.Equal(11, Value(replica));
        }
    }

    [Fact]
    public void A_coordinator_sees_that_an_operation_was_executed()
    {
        var first = _a.Do(new CounterIncrement(1), X);
        Assert.True(Counter(_a).TryGetExecution(new CounterIncrement(1), X with { DeadlineUnixMs = 0 }, out var dot));
        Assert.Equal(first.Name, dot);
        Assert.False(Counter(_a).TryGetExecution(new CounterIncrement(1), new OperationId(7, 2, 1000), out _));
        _a.Do(new CounterReset());
        Assert.True(Counter(_a).TryGetExecution(new CounterIncrement(1), X, out dot));
        Assert.Equal(first.Name, dot);
        Assert.True(_a.Do(new CounterIncrement(1), X).Delta.IsBottom);
        Assert.False(_a.State.IsVisible);

        // Until nobody may execute it any more.
        _a.CollectAt(new StableCut(_a.Clock.Copy(), X.DeadlineUnixMs - 1, []));
        Assert.False(_a.State.IsBottom);
        _a.CollectAt(new StableCut(_a.Clock.Copy(), X.DeadlineUnixMs, []));
        Assert.True(_a.State.IsBottom);
    }

    [Theory]
    [InlineData(1, 400)]
    [InlineData(3, 400)]
    [InlineData(8, 400)]
    [InlineData(9, 400)]
    [InlineData(20, 400)]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    [InlineData(2, 4)]
    [InlineData(1, 5)]
    [InlineData(3, 8)]
    [InlineData(3, 9)]
    [InlineData(1, 16)]
    [InlineData(2, 17)]
    [InlineData(2, 33)]
    public void Any_number_of_ids_of_any_number_of_clients_is_found_in_whatever_order_they_came(int clients, int count)
    {
        var random = new Random(clients);
        var ids = Enumerable.Range(0, count)
            .Select(i => new OperationId((ulong)(1 + (i % clients)), (ulong)(2 * random.Next(1, 1_000_000)), 1_000 + (i % 2)))
            .Distinct()
            .ToArray();
        var (ofA, ofB) = (new List<Event>(), new List<Event>());
        foreach (var id in ids)
        {
            Assert.False(IsExecuted(_a, id));
            ofA.Add(_a.Do(new CounterIncrement(1), id));
            if (id.Number % 3 == 0) ofB.Add(_b.Do(new CounterIncrement(1), id));
            Assert.True(IsExecuted(_a, id));
            Assert.False(IsExecuted(_a, id with { Number = id.Number - 1 }));
            Assert.False(IsExecuted(_a, id with { Number = id.Number + 1 }));
        }

        Assert.All(ids, id => Assert.True(IsExecuted(_a, id)));

        // Where they came in another order they are encoded in the same one.
        _c.Apply([.. ofB, .. ofA]);
        _a.Apply([.. ofB]);
        Assert.Equal((ids.Length, ids.Length), (Value(_a), Value(_c)));
        Assert.Equal(_c.State.Digest(), _a.State.Digest());

        // Half of them are settled. The others are still found, and those that come anew.
        _a.CollectAt(new StableCut(_a.Clock.Copy(), 1_000, []));
        Assert.All(ids, id => Assert.Equal(id.DeadlineUnixMs > 1_000, IsExecuted(_a, id)));
        foreach (var id in ids) _a.Do(new CounterIncrement(1), id with { Number = id.Number - 1 });
        Assert.All(ids, id => Assert.True(IsExecuted(_a, id with { Number = id.Number - 1 })));
        Assert.Equal(2 * ids.Length, Value(_a));
    }

    [Fact]
    public void An_operation_executed_again_where_it_was_seen_counts_once()
    {
        _a.Do(new CounterIncrement(4), X);
        _a.Do(new CounterIncrement(4), X);
        Assert.Equal(4, Value(_a));
    }

    [Fact]
    public void An_id_reused_for_another_amount_gives_the_same_value_everywhere_whichever_execution_was_reset()
    {
        var five = _a.Do(new CounterIncrement(5), X);
        var seven = _b.Do(new CounterIncrement(7), X);
        var reset = _b.Do(new CounterReset());
        _a.Apply(seven, reset);
        _c.Apply(seven, reset, five);
        Assert.Equal(0, Value(_a));
        Assert.Equal(_a.State.Digest(), _c.State.Digest());
    }

    [Fact]
    public void A_retry_that_a_reset_did_not_see_counts_for_nothing_before_and_after_it_is_settled()
    {
        var retry = _b.Do(new CounterIncrement(5), X);
        _a.Do(new CounterIncrement(5), X);
        _a.Do(new CounterReset());
        _a.Apply(retry);
        Assert.Equal(0, Value(_a));
        Assert.True(_a.State.IsVisible);
        _a.CollectAt(new StableCut(_a.Clock.Copy(), X.DeadlineUnixMs, []));
        Assert.Equal(0, Value(_a));
        Assert.False(Counter(_a).TryGetExecution(new CounterIncrement(5), X, out _));
    }

    [Fact]
    public void A_reset_cancels_what_it_observed_and_nothing_else()
    {
        var one = _a.Do(new CounterIncrement(1));
        _b.Apply(one);
        var reset = _b.Do(new CounterReset());
        var two = _a.Do(new CounterIncrement(2));
        var tagged = _c.Do(new CounterIncrement(40), X);
        Assert.False(_b.State.IsVisible);
        _b.Apply(tagged, two);
        _a.Apply(reset, tagged);
        Assert.Equal(42, Value(_a));
        Assert.Equal(_a.State.Digest(), _b.State.Digest());
    }

    [Fact]
    public void Concurrent_resets_cancel_an_increment_once()
    {
        var one = _a.Do(new CounterIncrement(9));
        _b.Apply(one);
        var left = _a.Do(new CounterReset());
        var right = _b.Do(new CounterReset());
        _a.Apply(right);
        _b.Apply(left);
        Assert.Equal(0, Value(_a));
        Assert.Equal(3, Value(_a, new CounterIncrement(3)));
        Assert.False(_b.State.IsVisible);
        Assert.False(_b.State.IsBottom);
    }

    [Fact]
    public void What_is_new_is_a_fragment_of_what_changed()
    {
        for (var i = 1; i <= 100; i++) _a.Do(new CounterIncrement(i), new OperationId(7, (ulong)i, 1000));
        _b.Join(_a, whole: true);
        _a.Do(new CounterIncrement(1), new OperationId(7, 101, 1000));
        var delta = _a.State.DeltaSince(_b.Clock);
        Assert.True(delta.IsFragment);
        Assert.True(delta.ToBytes().Length < 60);
        _b.Join(_a, whole: false);
        Assert.Equal(_a.State.Digest(), _b.State.Digest());
    }

    [Fact]
    public void Tags_that_a_reset_took_away_go_through_a_join_of_what_is_new()
    {
        _a.Do(new CounterIncrement(1), X);
        _b.Join(_a, whole: true);
        _a.Do(new CounterReset());
        Assert.False(_a.State.DeltaSince(_b.Clock).IsFragment);
        _b.Join(_a, whole: false);
        Assert.Equal(0, Value(_b));
        Assert.Equal(_a.State.Digest(), _b.State.Digest());

        // Known there by now, so that what follows is a fragment again.
        _a.Do(new CounterIncrement(2));
        Assert.True(_a.State.DeltaSince(_b.Clock).IsFragment);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Refuses_to_leave_64_bits(bool tagged)
    {
        _a.Do(new CounterIncrement(long.MaxValue));
        Assert.Throws<OverflowException>(() => _a.Do(new CounterIncrement(1), tagged ? X : default));
        _a.Do(new CounterIncrement(long.MinValue), tagged ? X : default);
        Assert.Equal(-1, Value(_a));
    }

    [Fact]
    public void Concurrent_increments_past_64_bits_are_shown_as_the_end_of_the_range()
    {
        var left = _a.Do(new CounterIncrement(long.MaxValue));
        var right = _b.Do(new CounterIncrement(long.MaxValue), X);
        _a.Apply(right);
        Assert.Equal(long.MaxValue, Value(_a));
        _b.Apply(left);
        Assert.Equal(long.MaxValue, Value(_b));
        Assert.Throws<OverflowException>(() => _a.Do(new CounterIncrement(1)));
        Assert.Equal(long.MaxValue - 1, Value(_a, new CounterIncrement(-1), new CounterIncrement(-long.MaxValue)));
    }

    [Fact]
    public void Settled_ids_and_ended_replicas_are_one_sum_which_a_reset_takes_away()
    {
        _b.Apply(_a.Do(new CounterIncrement(3)), _a.Do(new CounterIncrement(4), X));
        var cut = new StableCut(_a.Clock.Copy(), X.DeadlineUnixMs, [new RetiredReplica(_a.Id, new Dot(new ReplicaId(0xFE), 1))]);
        _b.CollectAt(cut);
        Assert.Equal(7, Value(_b));
        Assert.True(_b.State.ToBytes().Length < 12);
        _b.Do(new CounterReset());
        Assert.False(_b.State.IsVisible);
        Assert.Equal(1, Value(_b, new CounterIncrement(1)));
    }

    [Fact]
    public void A_deleted_counter_leaves_nothing_once_that_is_stable_and_counts_on()
    {
        _a.Do(new CounterIncrement(5));
        _a.Do(new Delete(CrdtType.Counter));
        _b.Join(_a, whole: true);
        _a.CollectAt(new StableCut(_a.Clock.Copy(), 0, []));
        Assert.True(_a.State.IsBottom);

        // Here the sum before is remembered still, and starts anew all the same.
        var more = _a.Do(new CounterIncrement(2));
        _c.Join(_b, whole: true);
        _c.State.Join(_c.Clock, more.Delta, more.Clock);
        Assert.Equal(2, Counter(_c).Value);
    }

    [Fact]
    public void An_origin_that_remembers_a_sum_that_was_reset_starts_anew_for_those_who_do_not()
    {
        _b.Apply(_a.Do(new CounterIncrement(5)), _a.Do(new CounterReset()));
        _b.CollectAt(new StableCut(_b.Clock.Copy(), 0, []));
        _b.Apply(_a.Do(new CounterIncrement(2)));
        Assert.Equal((2, 2), (Counter(_a).Value, Counter(_b).Value));
    }

    [Fact]
    public void A_grow_only_counter_refuses_to_go_down()
    {
        var counter = new SimulatedReplica(CrdtType.GrowOnlyCounter, 0xA);
        counter.Do(new CounterIncrement(5, CrdtType.GrowOnlyCounter));
        Assert.Throws<ArgumentException>(() => counter.Do(new CounterIncrement(-1, CrdtType.GrowOnlyCounter)));
        Assert.Throws<ArgumentException>(() => counter.Do(new CounterReset()));
        Assert.Equal("5", counter.State.Read());
        counter.Do(new Delete(CrdtType.GrowOnlyCounter));
        Assert.False(counter.State.IsVisible);
    }

    [Fact]
    public void Refuses_an_operation_of_another_type() =>
        Assert.Throws<ArgumentException>(() => _a.Do(new SetClear()));

    private static bool IsExecuted(SimulatedReplica replica, OperationId id) =>
        replica.State.TryGetExecution(new CounterIncrement(1), id, out _);

    private static PNCounter Counter(SimulatedReplica replica) => (PNCounter)replica.State;

    private static long Value(SimulatedReplica replica, params CounterIncrement[] more)
    {
        foreach (var increment in more) replica.Do(increment);
        return Counter(replica).Value;
    }
}

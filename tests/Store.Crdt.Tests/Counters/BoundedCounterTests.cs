using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Counters;

public class BoundedCounterTests
{
    private static readonly OperationId X = new(7, 1, 1000);

    private readonly SimulatedReplica _a = new(CrdtType.BoundedCounter, 0xA);
    private readonly SimulatedReplica _b = new(CrdtType.BoundedCounter, 0xB);

    [Fact]
    public void Nobody_takes_more_than_it_has_the_right_to()
    {
        _b.Apply(Add(_a, 10));
        var refused = Assert.Throws<InsufficientRightsException>(() => Add(_b, -1));
        Assert.Equal((1, 0, 10), (refused.Needed, refused.Held, refused.Total));
        Assert.Equal(0, Counter(_b).Rights(_b.Id));

        _b.Apply(_a.Do(new CounterTransfer(_b.Id, 4)));
        Assert.Equal((10, 6, 4), (Counter(_b).Value, Counter(_b).Rights(_a.Id), Counter(_b).Rights(_b.Id)));
        var taken = Add(_b, -4);
        Add(_a, -6);
        Assert.Throws<InsufficientRightsException>(() => Add(_a, -1));
        Assert.Throws<InsufficientRightsException>(() => _a.Do(new CounterTransfer(_b.Id, 1)));
        _a.Apply(taken);
        Assert.Equal(0, Counter(_a).Value);
    }

    [Fact]
    public void A_transfer_is_of_something_to_another_replica()
    {
        Add(_a, 1);
        Assert.Throws<ArgumentException>(() => _a.Do(new CounterTransfer(_b.Id, 0)));
        Assert.Throws<ArgumentException>(() => _a.Do(new CounterTransfer(_a.Id, 1)));
        Assert.Throws<InsufficientRightsException>(() => Add(_a, long.MinValue));
        Add(_a, long.MaxValue - 1);
        Assert.Throws<OverflowException>(() => Add(_a, 1));
    }

    [Fact]
    public void An_increment_executed_twice_counts_once_and_gives_rights_once_when_it_is_settled()
    {
        var first = _a.Do(new CounterIncrement(5, CrdtType.BoundedCounter), X);
        _a.Apply(_b.Do(new CounterIncrement(5, CrdtType.BoundedCounter), X));
        _b.Apply(first);
        Assert.Equal((5, 0), (Counter(_a).Value, Counter(_a).TotalRights));
        Settle();
        Assert.Equal((5, 5, 0), (Counter(_a).Value, Counter(_a).Rights(_a.Id), Counter(_a).Rights(_b.Id)));
        Assert.Equal(_a.State.Digest(), _b.State.Digest());
    }

    [Fact]
    public void A_decrement_executed_twice_counts_once_and_is_given_back_once_when_it_is_settled()
    {
        _b.Apply(Add(_a, 10), _a.Do(new CounterTransfer(_b.Id, 5)));
        var first = _a.Do(new CounterIncrement(-3, CrdtType.BoundedCounter), X);
        _a.Apply(_b.Do(new CounterIncrement(-3, CrdtType.BoundedCounter), X));
        _b.Apply(first);
        Assert.Equal((7, 4), (Counter(_a).Value, Counter(_a).TotalRights));
        Settle();
        Assert.Equal((7, 2, 5), (Counter(_a).Value, Counter(_a).Rights(_a.Id), Counter(_a).Rights(_b.Id)));
        Add(_b, -5);
    }

    [Fact]
    public void An_operation_known_already_does_nothing()
    {
        var first = _a.Do(new CounterIncrement(5, CrdtType.BoundedCounter), X);
        Assert.True(_a.State.TryGetExecution(first.Operation, X, out var dot));
        Assert.Equal(first.Name, dot);
        Assert.True(_a.Do(first.Operation, X).Delta.IsBottom);
    }

    [Fact]
    public void An_operation_counts_once_deleted_or_not()
    {
        _b.Apply(
            _a.Do(new CounterIncrement(5, CrdtType.BoundedCounter), X with { IsFirstAttempt = true }),
            Add(_a, -5),
            _a.Do(new Delete(CrdtType.BoundedCounter)));
        Assert.True(_b.State.TryGetExecution(new CounterIncrement(5, CrdtType.BoundedCounter), X, out _));
        Assert.True(_b.Do(new CounterIncrement(5, CrdtType.BoundedCounter), X).Delta.IsBottom);
        _a.Join(_b, whole: false);
        Settle();
        Assert.True(_a.State.IsBottom);
        Assert.True(_b.State.IsBottom);
    }

    [Fact]
    public void A_retry_that_a_deletion_did_not_see_gives_nothing_and_gets_back_what_it_took()
    {
        var y = X with { Number = 2 };
        _b.Apply(Add(_a, 20), _a.Do(new CounterTransfer(_b.Id, 10)));
        var (five, three) =
            (_b.Do(new CounterIncrement(5, CrdtType.BoundedCounter), X), _b.Do(new CounterIncrement(-3, CrdtType.BoundedCounter), y));
        _a.Do(new CounterIncrement(5, CrdtType.BoundedCounter), X);
        _a.Do(new CounterIncrement(-3, CrdtType.BoundedCounter), y);
        _a.Do(new Delete(CrdtType.BoundedCounter));
        _a.Apply(five, three);
        _b.Join(_a, whole: false);

        // B's account was emptied by the deletion; what the retry took at B is given back, and nothing more.
        Assert.Equal(_a.State.Digest(), _b.State.Digest());
        Assert.Equal((0, 0), (Counter(_a).Value, Counter(_a).TotalRights));
        Settle();
        Assert.Equal((0, 0), (Counter(_b).Value, Counter(_b).TotalRights));
    }

    [Fact]
    public void A_deletion_cancels_what_it_saw_and_concurrent_increments_survive()
    {
        _b.Apply(Add(_a, 10));
        var delete = _b.Do(new Delete(CrdtType.BoundedCounter));
        Assert.False(_b.State.IsVisible);
        var more = Add(_a, 7);
        _a.Apply(delete);
        _b.Apply(more);
        Assert.Equal(7, Counter(_a).Value);
        Assert.Equal(_a.State.Digest(), _b.State.Digest());
    }

    [Fact]
    public void What_was_taken_out_of_deleted_stock_is_not_taken_from_what_comes_later()
    {
        _b.Apply(Add(_a, 10));
        var delete = _b.Do(new Delete(CrdtType.BoundedCounter));
        var taken = Add(_a, -8);
        _a.Apply(delete);
        _b.Apply(taken);
        Assert.Equal((0, 0), (Counter(_a).Value, Counter(_b).Value));
        _b.Apply(Add(_a, 5));
        Assert.Equal((5, 5), (Counter(_b).Value, Counter(_b).Rights(_a.Id)));
        Assert.Throws<InsufficientRightsException>(() => Add(_a, -6));
        Add(_a, -5);
    }

    [Fact]
    public void A_deleted_counter_leaves_nothing_once_that_is_stable()
    {
        _b.Apply(Add(_a, 10), _a.Do(new CounterTransfer(_b.Id, 5)), _a.Do(new Delete(CrdtType.BoundedCounter)));
        Settle();
        Assert.True(_a.State.IsBottom);
        Assert.True(_b.State.IsBottom);
    }

    [Fact]
    public void An_owner_that_remembers_a_row_that_was_reset_starts_anew_for_those_who_do_not()
    {
        _b.Apply(Add(_a, 5), _a.Do(new Delete(CrdtType.BoundedCounter)));
        _b.CollectAt(new StableCut(_b.Clock.Copy(), 0, []));
        _b.Apply(Add(_a, 2));
        Assert.Equal((2, 2), (Counter(_a).Value, Counter(_b).Value));
    }

    [Fact]
    public void An_heir_takes_out_of_an_ended_account_and_nothing_is_made_by_it()
    {
        _b.Apply(Add(_a, 10), _a.Do(new CounterTransfer(_b.Id, 4)));
        Add(_b, -3);
        Assert.Throws<InsufficientRightsException>(() => Add(_b, -2));

        // Its own first, then what the ended one left.
        _b.Inherits = [_a.Id];
        Assert.Equal((1, 7), (Counter(_b).Rights(_b.Id), Counter(_b).Rights(_b.Id, _b.Inherits)));
        Add(_b, -3);
        Assert.Equal((4, 4, 0), (Counter(_b).Value, Counter(_b).Rights(_a.Id), Counter(_b).Rights(_b.Id)));
        _b.Do(new CounterTransfer(new ReplicaId(0xC), 4));
        Assert.Equal((4, 0, 4), (Counter(_b).Value, Counter(_b).Rights(_b.Id, _b.Inherits), Counter(_b).Rights(new ReplicaId(0xC))));
        var refused = Assert.Throws<InsufficientRightsException>(() => Add(_b, -1));
        Assert.Equal((1, 0, 4), (refused.Needed, refused.Held, refused.Total));
    }

    [Fact]
    public void What_an_heir_drew_is_known_to_its_own_heir()
    {
        var c = new SimulatedReplica(CrdtType.BoundedCounter, 0xC);
        _b.Apply(Add(_a, 10));
        c.Join(_b, whole: true);
        _b.Inherits = [_a.Id];
        c.Apply(Add(_b, -6));
        c.Inherits = [_a.Id, _b.Id];
        Assert.Equal(4, Counter(c).Rights(c.Id, c.Inherits));
        Assert.Throws<InsufficientRightsException>(() => Add(c, -5));
        Add(c, -4);
        Assert.Equal((0, 0), (Counter(c).Value, Counter(c).TotalRights));
    }

    [Fact]
    public void A_deletion_cancels_what_an_ended_account_holds_and_what_was_drawn_at_the_same_time_overdraws_it()
    {
        _b.Apply(Add(_a, 10));
        var c = new SimulatedReplica(CrdtType.BoundedCounter, 0xC);
        c.Join(_b, whole: true);
        var delete = c.Do(new Delete(CrdtType.BoundedCounter));
        _b.Inherits = [_a.Id];
        var taken = Add(_b, -8);
        _b.Apply(delete);
        c.Apply(taken);
        Assert.Equal(_b.State.Digest(), c.State.Digest());
        Assert.Equal((0, 0), (Counter(_b).Value, Counter(_b).Rights(_b.Id, _b.Inherits)));
        Add(_b, 5);
        Assert.Equal((5, 5), (Counter(_b).Value, Counter(_b).Rights(_b.Id)));
    }

    private void Settle()
    {
        var cut = new StableCut(VersionVector.Minimum(_a.Clock, _b.Clock), 1000, []);
        _a.CollectAt(cut);
        _b.CollectAt(cut);
    }

    private static BoundedCounter Counter(SimulatedReplica replica) => (BoundedCounter)replica.State;

    private static Event Add(SimulatedReplica replica, long amount) => replica.Do(new CounterIncrement(amount, CrdtType.BoundedCounter));
}

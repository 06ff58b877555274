using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Slots;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.Slots;

public sealed class PromisesTests
{
    private static readonly ReplicaId Next = new(0xb2);
    private readonly Promises _promises = new(3);

    public PromisesTests() => _promises.Want(new SlotClaim(2, 1 << 20));

    [Fact]
    public void A_slot_counts_once_however_often_its_holder_promises()
    {
        _promises.Take(0, A, Clock((A, 1)));
        _promises.Take(0, A, Clock((A, 2)));
        _promises.Take(1, B, Clock((B, 1)));
        Assert.Equal(2, _promises.Count);
        Assert.True(_promises.Has(0) && _promises.Has(1) && !_promises.Has(2));
    }

    [Fact]
    public void What_was_promised_for_another_epoch_is_void_and_the_same_one_changes_nothing()
    {
        _promises.Take(0, A, Clock((A, 1)));
        _promises.Want(new SlotClaim(2, 1 << 20));
        Assert.Equal(1, _promises.Count);
        _promises.Want(new SlotClaim(2, 2 << 20));
        Assert.Equal(0, _promises.Count);
        Assert.True(_promises.AreCoveredBy(Clock()));
    }

    [Fact]
    public void What_a_holder_had_when_it_first_promised_has_to_be_covered()
    {
        _promises.Take(0, A, Clock((A, 3)));
        _promises.Take(0, A, Clock((A, 9)));
        Assert.False(_promises.AreCoveredBy(Clock((A, 2))));
        Assert.True(_promises.AreCoveredBy(Clock((A, 3))));
    }

    [Fact]
    public void Another_incarnation_s_promise_takes_the_place_of_the_earlier_one_s()
    {
        _promises.Take(1, B, Clock((B, 9)));
        _promises.Take(1, Next, Clock((B, 2)));
        Assert.Equal(1, _promises.Count);
        Assert.True(_promises.AreCoveredBy(Clock((B, 2))));
    }

    [Fact]
    public void Who_has_all_that_is_needed_by_now_can_be_asked_for_an_image()
    {
        _promises.Take(0, A, Clock((A, 3)));
        _promises.Take(1, B, Clock((B, 2)));
        Assert.False(_promises.HasAllNeeded(0));
        _promises.Take(0, A, Clock((A, 4), (B, 2)));
        Assert.True(_promises.HasAllNeeded(0));
        Assert.False(_promises.HasAllNeeded(2));
    }

    [Fact]
    public void The_promise_of_a_slot_that_was_taken_by_force_is_its_successor_s_to_give()
    {
        _promises.Take(0, A, Clock((A, 3)));
        _promises.Forget(0);
        _promises.Forget(1);
        Assert.Equal(0, _promises.Count);
        Assert.True(_promises.AreCoveredBy(Clock()));
    }
}

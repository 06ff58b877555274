using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Registers;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Slots;
using Gossipdb.Replication.Stability;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.Stability;

public sealed class StableCutKeeperTests
{
    private readonly StateParts _parts = new();
    private readonly SlotTable _table;
    private readonly StableCutKeeper _keeper;

    public StableCutKeeperTests()
    {
        var (state, peers, settings) = (_parts.State, _parts.Peers, _parts.Settings);
        _table = new SlotTable(state, peers, new Promises(3), Owners, _parts.Effects, _parts);
        _keeper = new StableCutKeeper(
            state, peers, _parts.Fallbacks,
            new StabilityDecider(state.Id, peers, _parts.Fallbacks, state.Applied, state.Durable, state.Clock, settings),
            new StabilityPoll(state.Id, _parts.Fallbacks, state.Applied, settings, _parts.Effects),
            new ExpiryDeleter(peers, _parts.Fallbacks, state.Applied, state.Keys, state.Clock, settings),
            _parts.Previous, _table, _parts.Replicator, _parts.Exchange, _parts.Effects);
        _parts.Make("cart", "apple");
        _parts.Persist();
        Tell(1);
        Tell(2);
    }

    [Fact]
    public void A_cut_is_decided_as_an_event_once_every_owner_has_on_disk_what_it_needs()
    {
        Tick();
        _parts.Apply(1);
        _parts.Persist();
        Tell(1);
        Tick();
        Tick();
        Assert.Equal([Owners[2]], _parts.SentTo<ClocksMessage>());
        Assert.Empty(Cuts());

        Tell(2);
        Tick();
        Assert.Equal((Clock((A, 1)), Clock((A, 1), (B, 1))), Cuts().Single() is var cut ? (cut.StableCut.Clock, cut.Needs) : default);
        Assert.Equal(Clock((A, 1)), _parts.State.Keys.StableCut.Clock);
    }

    [Fact]
    public void What_waits_for_a_cut_has_waited_since_the_last_one()
    {
        _parts.Make("list", "pear");
        for (var i = 0; i <= 5; i++) _keeper.Tick(Trio.Now + (i * 100));
        Assert.Empty(Cuts());
        Assert.Equal(Trio.Now, _keeper.WaitsSinceMs);

        _parts.Persist();
        Tell(1);
        Tell(2);
        var now = Trio.Now + 600;
        for (var i = 0; i < 30 && Cuts().Length == 0; i++) _keeper.Tick(now += 100);
        Assert.Single(Cuts());
        _keeper.Tick(now += 100);
        Assert.Equal(now, _keeper.WaitsSinceMs);
    }

    // The key is changed again before a cut could collect it whole.
    [Theory]
    [InlineData(1_023, false)]
    [InlineData(1_024, true)]
    public void A_key_that_never_rests_is_collected_once_it_holds_many_names(int names, bool isDecided)
    {
        for (var i = 1; i <= names; i++) _parts.Make("cart", "apple", new OperationId(7, (ulong)i, Trio.Now));
        _parts.Persist();
        Tell(1);
        Tell(2);
        _parts.Make("cart", "pear");
        Tick();
        Tick();

        _parts.Persist();
        Tell(1);
        Tell(2);
        Tick();
        Assert.Equal(isDecided ? 1 : 0, Cuts().Length);
        Assert.False(_parts.State.Keys.HasManyNames);
    }

    [Fact]
    public void A_cut_that_was_being_decided_is_dropped_when_a_slot_changes_hands()
    {
        Tick();
        Tick();
        _table.TakeAll([.. SlotHolder.Founding(Owners)[..2], new SlotHolder(new NodeId(4), 2, true, Owners[2])], Trio.Now);
        Tick();
        Tick();
        Assert.Empty(Cuts());
    }

    [Fact]
    public void Nothing_is_decided_before_all_that_earlier_incarnations_left_is_known()
    {
        _parts.Previous.Begin();
        for (var i = 0; i < 4; i++) Tick();
        Assert.Empty(Cuts());
    }

    [Fact]
    public void A_fallback_node_that_is_not_designated_any_more_leaves_with_the_next_cut()
    {
        _parts.Designate();
        _parts.Fallbacks.Designate([new NodeId(4)], _parts.State.FallbackMembership, _parts.Peers);
        Tick();
        Tick();
        Assert.Equal([new(4), new(5)], _parts.SentTo<FallbackMessage>());
        Assert.Empty(Cuts());

        foreach (var entry in _parts.Fallbacks.Entries.ToArray())
        {
            var question = (StabilityPollMessage)_parts.Sent<FallbackMessage>()[0].Inner;
            _keeper.Take(entry, new HintAckMessage(entry.Replica, Clock(), Clock(), HintAckFlags.Promised, question.Number, Trio.Now));
        }

        Tick();
        Tick();
        var membership = Cuts().Single().FallbackMembership;
        Assert.True(membership.IsMember(new NodeId(4)) && membership.IsLeaving(new NodeId(5)));
    }

    [Fact]
    public void Who_is_out_of_reach_is_named_while_something_waits_to_be_collected()
    {
        Assert.Null(_keeper.WaitsFor);
        _parts.Peers.SetNear(Owners[2], false);
        Assert.Equal(Owners[2], _keeper.WaitsFor);
    }

    [Fact]
    public void A_key_that_has_expired_for_every_owner_is_deleted_by_an_event()
    {
        _parts.Operate("cart", Expiry.At(Trio.Now - 1_000));
        _parts.Tell(2, Clock((A, 1), (B, 1)));
        _keeper.DeleteExpired();
        Assert.NotNull(_parts.State.Keys.Find(Trio.Key("cart"))!.Answering);

        // What that owner had applied is here.
        _parts.Apply(1, "list");
        _keeper.DeleteExpired();
        Assert.Null(_parts.State.Keys.Find(Trio.Key("cart"))!.Answering);
        Assert.All(_parts.Noted[^1].Changes, static change => Assert.Equal(ChangeKind.Delete, change.Kind));
    }

    private void Tell(int slot) => _parts.Tell(slot, _parts.State.Applied.Copy());

    private void Tick() => _keeper.Tick(Trio.Now);

    private StableCutDecision[] Cuts() => [.. _parts.Noted.Select(static one => one.StableCut).OfType<StableCutDecision>()];
}

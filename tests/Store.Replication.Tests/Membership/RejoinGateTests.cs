using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.Membership;

public sealed class RejoinGateTests
{
    private readonly StateParts _parts = new();

    [Fact]
    public void Without_a_journal_a_replica_waits_to_hear_a_majority_and_to_cover_what_they_have()
    {
        Begin(hasServed: false);
        Hear(1, Clock((B, 1)));
        Assert.False(Serves(Trio.Now + 60_000));
        Hear(2, Clock());
        Assert.False(Serves());
        _parts.Apply(1);
        Assert.True(Serves());
        Assert.Equal(JournalRecordKind.Served, _parts.Journaled[^1]);
    }

    [Fact]
    public void With_a_journal_it_serves_once_everybody_within_reach_has_said_that_nothing_is_missing()
    {
        Begin(hasServed: true);
        Hear(1, Clock());
        Assert.False(Serves());
        _parts.Peers.SetNear(Owners[2], false);
        Assert.False(Serves());
        Assert.True(Serves(Trio.Now + 1_000));
        Assert.Empty(_parts.Effects.Journal);
    }

    // A process died after it had written a snapshot and before it had said behind it that it serves.
    [Fact]
    public void Where_an_image_is_the_last_thing_in_the_journal_it_says_again_that_the_replica_has_served()
    {
        _parts.Gate.RecoverServed();
        _parts.Gate.RecoverWhole();
        _parts.Gate.RecoveryEnded(Trio.Now);
        Assert.Equal([JournalRecordKind.Served], _parts.Journaled);

        _parts.Gate.RecoverServed();
        _parts.Gate.RecoveryEnded(Trio.Now);
        Assert.Single(_parts.Journaled);
    }

    [Fact]
    public void Who_remembers_more_than_the_journal_holds_makes_it_begin_as_one_without_a_journal()
    {
        Begin(hasServed: true);
        Hear(1, Clock(), remembered: Clock((A, 1)));
        _parts.Peers.SetNear(Owners[2], false);
        Assert.False(Serves(Trio.Now + 60_000));
        Hear(2, Clock());
        Assert.True(Serves(Trio.Now + 60_000));
    }

    [Fact]
    public void Who_is_behind_what_the_others_have_collected_at_needs_an_image_and_applies_nothing_until_then()
    {
        Begin(hasServed: true);
        Hear(2, Clock((B, 1)), cut: Clock((B, 1)));
        Assert.Equal((ServingState.NeedsImage, false, Owners[2]), (_parts.Gate.State, _parts.Gate.HasState, _parts.Gate.ImageFrom));
        Assert.False(Serves(Trio.Now + 60_000));
        _parts.Gate.ImageTaken();
        Assert.True(_parts.Gate.HasState);
    }

    [Fact]
    public void The_answer_of_an_incarnation_that_has_ended_does_not_count()
    {
        Begin(hasServed: true);
        Hear(1, Clock());
        Hear(2, Clock());
        _parts.Peers.Slots[2].Hear(new ReplicaId(0xc2), Trio.Now);
        Assert.True(_parts.Gate.HasToHear(2));
        Assert.False(Serves());
        _parts.Gate.HolderChanged(1);
        Assert.True(_parts.Gate.HasToHear(1));
    }

    [Fact]
    public void Nobody_waits_for_a_holder_whose_loss_is_accepted()
    {
        Begin(hasServed: false);
        _parts.Peers.SetNear(Owners[2], false);
        Hear(1, Clock());
        Assert.False(Serves());
        _parts.Gate.Excused = 1UL << 2;
        Assert.True(Serves());
    }

    [Fact]
    public void Without_a_slot_or_declared_lost_it_does_not_serve()
    {
        Begin(hasServed: true);
        Hear(1, Clock());
        Hear(2, Clock());
        _parts.Peers.Lost.Add(new LostNode(Owners[0], AcceptsLoss: false));
        Assert.False(Serves());
        Assert.Equal((ServingState.WithoutSlot, false), (_parts.Gate.State, _parts.Gate.HasState));
        Assert.Contains("declared lost", _parts.Gate.Reason, StringComparison.Ordinal);
        Assert.Equal(ServingState.WithoutSlot, OfNewcomer().Gate.State);
    }

    private void Begin(bool hasServed)
    {
        if (hasServed) _parts.Gate.RecoverServed();
        _parts.Gate.RecoveryEnded(Trio.Now);
        Assert.Equal(ServingState.CatchingUp, _parts.Gate.State);
    }

    private void Hear(int slot, VersionVector applied, VersionVector? remembered = null, VersionVector? cut = null) =>
        _parts.Gate.Hear(slot, Owners[slot], _parts.Answer(slot, applied, remembered, cut));

    private bool Serves(long nowMs = Trio.Now)
    {
        _parts.Gate.ServeWherePossible(nowMs);
        return _parts.Gate.State == ServingState.Serving;
    }
}

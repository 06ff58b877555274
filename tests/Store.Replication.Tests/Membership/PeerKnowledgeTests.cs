using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Tests.Harness;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.Membership;

public sealed class PeerKnowledgeTests
{
    private static readonly NodeId Other = new(9);
    private static readonly ReplicaId Restarted = new(0xb2);
    private readonly PeerKnowledge _peers = new OwnerParts().Peers;

    [Fact]
    public void A_new_incarnation_knows_nothing_until_it_says_so_and_what_its_node_had_on_disk_is_remembered()
    {
        var slot = _peers.Slots[1];
        slot.Applied.Advance(A, 5);
        slot.Durable.Advance(A, 4);
        Assert.True(slot.Hear(Restarted, Trio.Now));
        Assert.Equal((Clock(), Clock(), Clock((A, 4))), (slot.Applied, slot.Durable, slot.Remembered));
    }

    [Fact]
    public void A_message_of_an_incarnation_that_has_ended_is_late_and_not_news()
    {
        var slot = _peers.Slots[1];
        slot.Hear(Restarted, Trio.Now);
        Assert.False(slot.Hear(OwnerParts.Ids[1], Trio.Now + 1_000));
        Assert.Equal(Restarted, slot.Replica);

        // Where the other one is silent, the one that speaks lives.
        Assert.True(slot.Hear(OwnerParts.Ids[1], Trio.Now + 10_000));
    }

    [Fact]
    public void The_claim_of_a_higher_epoch_is_taken_up_and_the_one_of_a_lower_is_told_so()
    {
        var slot = _peers.Hear(Other, new SlotClaim(1, 2), out var isOld, out var changed);
        Assert.Equal((1, 1, false), (slot.Index, changed, isOld));
        Assert.Equal(Other, _peers.Slots[1].Node);

        slot = _peers.Hear(OwnerParts.Owners[1], new SlotClaim(1, 1), out isOld, out changed);
        Assert.Equal((-1, -1, true), (slot.Index, changed, isOld));
    }

    [Fact]
    public void A_slot_taken_by_force_is_believed_of_a_table_and_not_of_a_claim()
    {
        var forced = SlotEpoch.NextForced(1);
        _peers.Hear(Other, new SlotClaim(1, forced), out var isOld, out var changed);
        Assert.Equal((-1, true), (changed, isOld));
        Assert.True(_peers.TryTake(1, new SlotHolder(Other, forced, IsHeld: true, OwnerParts.Owners[1])));
    }

    [Fact]
    public void Two_holders_of_one_slot_since_one_epoch_are_a_contradiction()
    {
        Assert.False(_peers.TryTake(1, new SlotHolder(Other, 1, IsHeld: true, Other)));
        Assert.Contains("slot 1 since epoch 1", _peers.Contradiction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slot_between_two_holders_counts_towards_nothing()
    {
        Assert.Equal(3, _peers.ReachableCount);
        Assert.True(_peers.TryTake(1, new SlotHolder(OwnerParts.Owners[1], 2, IsHeld: false, OwnerParts.Owners[1])));
        Assert.Equal((2, 2), (_peers.ReachableCount, _peers.CountingForWrites));
        Assert.Null(_peers.Find(OwnerParts.Owners[1]));
    }

    [Fact]
    public void Who_is_behind_or_refuses_writes_counts_for_reads_alone()
    {
        _peers.Slots[1].IsBehind = true;
        _peers.SetTakesWrites(OwnerParts.Owners[2], false);
        Assert.Equal((3, 1), (_peers.ReachableCount, _peers.CountingForWrites));
    }
}

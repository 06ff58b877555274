using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.Handoff;

public sealed class FallbackKnowledgeTests
{
    private readonly OwnerParts _parts = new();

    public FallbackKnowledgeTests() => _parts.Designate();

    [Fact]
    public void Each_absent_owner_gets_another_one()
    {
        Lose(1);
        Lose(2);
        _parts.Fallbacks.Assign(_parts.Peers);
        Assert.Equal([1, 2], Slots());
    }

    [Fact]
    public void Who_stands_in_for_an_owner_goes_on_doing_so()
    {
        Lose(1);
        for (var i = 0; i < 2; i++) _parts.Fallbacks.Assign(_parts.Peers);
        Assert.Equal([1, -1], Slots());
    }

    [Fact]
    public void Who_stands_in_for_one_that_is_back_stays_until_another_owner_needs_it()
    {
        Lose(1);
        _parts.Fallbacks.Assign(_parts.Peers);
        _parts.Peers.SetNear(OwnerParts.Owners[1], true);
        _parts.Fallbacks.Assign(_parts.Peers);
        Assert.Equal([1, -1], Slots());
        Lose(2);
        _parts.Fallbacks.Assign(_parts.Peers);
        Assert.Equal([2, -1], Slots());
    }

    [Fact]
    public void Who_is_full_away_or_takes_no_writes_is_passed_over()
    {
        Action<FallbackKnowledge.Entry>[] hinders =
            [entry => entry.IsFull = true, entry => entry.Reachable = false, entry => entry.TakesWrites = false];
        foreach (var hinder in hinders)
        {
            var parts = new OwnerParts();
            parts.Designate();
            parts.Peers.SetNear(OwnerParts.Owners[1], false);
            hinder(parts.Fallbacks.Entries[0]);
            parts.Fallbacks.Assign(parts.Peers);
            Assert.Equal((1, 1), (parts.Fallbacks.Entries[1].Slot, parts.Fallbacks.AvailableCount));
        }
    }

    [Fact]
    public void What_it_holds_counts_for_an_owner_that_has_not_acked_itself()
    {
        Lose(1);
        _parts.Fallbacks.Assign(_parts.Peers);
        Ack(_parts.Fallbacks.Entries[0]);
        Assert.Equal([new(4)], _parts.Fallbacks.NodesOf(_parts.Fallbacks.HoldersOf(new Dot(A, 4), ackedSlots: 0b001))!);
        Assert.Equal(0UL, _parts.Fallbacks.HoldersOf(new Dot(A, 4), ackedSlots: 0b011));
        Assert.Equal(0UL, _parts.Fallbacks.HoldersOf(new Dot(A, 5), ackedSlots: 0b001));
    }

    [Fact]
    public void Of_a_new_incarnation_nothing_is_known()
    {
        var entry = _parts.Fallbacks.Entries[0];
        Ack(entry);
        entry.HasPromised = true;
        entry.Hear(new ReplicaId(0xd2));
        Assert.Equal((Clock(), false), (entry.Window.Held.Copy(), entry.HasPromised));
    }

    private static void Ack(FallbackKnowledge.Entry entry) =>
        entry.Take(new HintAckMessage(new ReplicaId(0xd1), Clock((A, 4)), Clock((A, 4)), HintAckFlags.None), Trio.Now);

    private void Lose(int slot) => _parts.Peers.SetNear(OwnerParts.Owners[slot], false);

    private int[] Slots() => [.. _parts.Fallbacks.Entries.ToArray().Select(entry => entry.Slot)];
}

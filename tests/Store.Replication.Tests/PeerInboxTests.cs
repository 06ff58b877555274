using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests;

/// <summary>The inbox stands on all the components, as <see cref="ReplicaParts"/> wires them.</summary>
public sealed class PeerInboxTests
{
    private static readonly NodeId[] Owners = OwnerParts.Owners;
    private static readonly NodeId Newcomer = new(4);
    private readonly RecordingEffects _effects = new();
    private readonly ReplicaParts _parts;

    public PeerInboxTests()
    {
        _parts = new ReplicaParts(
            A, Owners[0], SlotHolder.Founding(Owners), Owners, new ReplicaSettings(), _effects, UnlimitedRepair.Instance, [new(5)]);
        foreach (var node in (NodeId[])[.. Owners, Newcomer, new(5)]) _parts.SetReachable(node, true);
        _effects.Sent.Clear();
    }

    [Fact]
    public void Nobody_listens_to_a_lost_node_and_a_lost_node_listens_to_nobody()
    {
        _parts.Table.SetLost([new LostNode(Owners[1], AcceptsLoss: false)]);
        Take(Owners[1], Events(B), 1);
        Assert.Equal(0, _parts.State.Applied[B]);
        _parts.Table.SetLost([new LostNode(Owners[0], AcceptsLoss: false)]);
        Take(Owners[2], new SlotsMessage(OwnerParts.Ids[2], SlotHolder.Founding(Owners), AnswerWanted: true), 2);
        Assert.Empty(_effects.Sent);
    }

    [Fact]
    public void The_events_of_who_does_not_know_that_its_slot_has_gone_are_not_acked_and_it_is_told()
    {
        _parts.Table.TakeAll([Founding(0), new(Newcomer, 2, true, Owners[1]), Founding(2)], Trio.Now);
        _parts.Table.Persisted();
        _effects.Sent.Clear();
        Take(Owners[1], Events(B), 1);
        Assert.Equal(0, _parts.State.Applied[B]);
        Assert.Equal([Owners[1]], _effects.Sent.Where(static sent => sent.Message is SlotsMessage).Select(static sent => sent.To));
        Assert.DoesNotContain(_effects.Sent, static sent => sent.Message is AckMessage);
    }

    [Fact]
    public void A_claim_that_is_news_changes_the_holder_before_the_message_counts()
    {
        var message = Events(new ReplicaId(0xd1));
        message.Claim = new SlotClaim(1, 2);
        _parts.Inbox.Take(Newcomer, message, Trio.Now);
        Assert.Equal(Newcomer, _parts.Peers.Slots[1].Node);
        Assert.Equal(Newcomer, Assert.Single(_effects.Sent, static sent => sent.Message is AckMessage).To);
    }

    [Fact]
    public void A_message_of_an_incarnation_that_has_ended_is_dropped()
    {
        Take(Owners[1], new SlotsMessage(B, SlotHolder.Founding(Owners), AnswerWanted: false), 1);
        Take(Owners[1], new SlotsMessage(new ReplicaId(0xb2), SlotHolder.Founding(Owners), AnswerWanted: false), 1);
        Take(Owners[1], Events(B), 1);
        Assert.Equal(0, _parts.State.Applied[B]);
    }

    [Fact]
    public void An_answer_to_an_earlier_incarnation_of_this_node_is_no_answer()
    {
        _parts.Coordinator.Handle(Requests.Read(2), Trio.Now);
        foreach (var slot in (int[])[1, 2])
            Take(Owners[slot], new ReadAnswerMessage(OwnerParts.Ids[slot], new(0xa0), 1, null, default), slot);
        Assert.Empty(_effects.Reads);
        Take(Owners[1], new ReadAnswerMessage(B, A, 1, null, default), 1);
        Assert.Equal(Outcome.Done, Assert.Single(_effects.Reads).Outcome);
    }

    [Fact]
    public void Reads_of_others_are_answered_while_this_replica_serves()
    {
        _parts.Gate.RecoveryEnded(Trio.Now);
        Take(Owners[1], new ReadQueryMessage(B, 1, [Trio.Key("cart")], Clock()), 1);
        Assert.DoesNotContain(_effects.Sent, static sent => sent.Message is ReadAnswerMessage);
        _parts.Gate.TookOver();
        Take(Owners[1], new ReadQueryMessage(B, 1, [Trio.Key("cart")], Clock()), 1);
        Assert.Contains(_effects.Sent, static sent => sent.Message is ReadAnswerMessage);
    }

    private static SlotHolder Founding(int slot) => SlotHolder.Founding(Owners)[slot];

    private static EventsMessage Events(ReplicaId origin) => new(
        origin, AckWanted.Applied, AnswersFetch: false, More: false, [Make(origin, Clock(), "cart", "apple", default).Encoded]);

    private void Take(NodeId from, PeerMessage message, int slot)
    {
        message.Claim = new SlotClaim(slot, 1);
        _parts.Inbox.Take(from, message, Trio.Now);
    }
}

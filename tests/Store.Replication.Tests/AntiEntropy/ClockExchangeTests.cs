using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.AntiEntropy;

public sealed class ClockExchangeTests
{
    private readonly StateParts _parts = new();

    [Fact]
    public void The_clocks_are_told_to_one_owner_within_reach_every_interval()
    {
        _parts.Peers.SetNear(Owners[1], false);
        _parts.Exchange.Gossip(Trio.Now, random: 0);
        _parts.Exchange.Gossip(Trio.Now + _parts.Settings.GossipIntervalMs - 1, random: 1);
        Assert.Equal([Owners[2]], _parts.SentTo<ClocksMessage>());

        _parts.Exchange.Gossip(Trio.Now + _parts.Settings.GossipIntervalMs, random: 1);
        Assert.Equal([Owners[2], Owners[2]], _parts.SentTo<ClocksMessage>());
    }

    [Fact]
    public void Gossip_is_answered_where_more_is_known_here()
    {
        _parts.Make("cart", "apple");
        _parts.Exchange.Answer(_parts.Peers.Slots[1], _parts.ClocksOf(1, Clock((A, 1))) with { AnswerWanted = true });
        _parts.Exchange.Answer(_parts.Peers.Slots[1], _parts.ClocksOf(1, Clock()));
        Assert.Empty(_parts.Effects.Sent);
        _parts.Exchange.Answer(_parts.Peers.Slots[1], _parts.ClocksOf(1, Clock()) with { AnswerWanted = true });
        Assert.Null(Assert.Single(_parts.Sent<ClocksMessage>()).Remembered);
    }

    [Fact]
    public void Who_starts_an_exchange_is_told_what_is_remembered_of_its_earlier_incarnations()
    {
        _parts.Tell(1, Clock((B, 3)));
        _parts.Peers.Slots[1].Hear(new ReplicaId(0xb2), Trio.Now);
        _parts.Exchange.Answer(_parts.Peers.Slots[1], _parts.ClocksOf(1, Clock()) with { StartsExchange = true });
        Assert.Equal(Clock((B, 3)), Assert.Single(_parts.Sent<ClocksMessage>()).Remembered);
    }

    [Fact]
    public void A_node_without_a_slot_is_told_what_was_collected_at_and_takes_no_word_of_what_is_remembered_of_it()
    {
        _parts.Make("cart", "apple");
        _parts.Collect();
        var outsider = new PeerKnowledge.Slot(-1, new SlotHolder(new NodeId(4), 0, false, new NodeId(4)), isNear: true);
        _parts.Exchange.AnswerOutsider(outsider, _parts.ClocksOf(1, Clock()) with { AnswerWanted = true });
        Assert.Null(_parts.Sent<ClocksMessage>()[^1].StableCutClock);
        _parts.Exchange.AnswerOutsider(outsider, _parts.ClocksOf(1, Clock()) with { StartsExchange = true });
        Assert.Equal(_parts.State.Keys.StableCut.Clock, _parts.Sent<ClocksMessage>()[^1].StableCutClock);

        _parts.Gate.RecoveryEnded(Trio.Now);
        _parts.Peers.TryTake(0, new SlotHolder(new NodeId(4), 2, true, Owners[0]));
        _parts.Exchange.Gossip(Trio.Now, random: 1);
        Assert.True(_parts.Sent<ClocksMessage>()[^1].StartsExchange);
        var answer = _parts.Answer(1, Clock((B, 3)), remembered: Clock((A, 9)), cut: Clock((B, 2)));
        _parts.Exchange.Note(_parts.Peers.Slots[1], answer);
        _parts.Exchange.NoteAnswer(_parts.Peers.Slots[1], answer, isUpToDate: true, Trio.Now);
        Assert.Equal(Clock((B, 2)), _parts.Peers.Slots[1].CollectedAt);
        Assert.True(_parts.Gate.HasToHear(1));
    }

    [Fact]
    public void An_exchange_is_started_while_this_replica_does_not_serve()
    {
        _parts.Exchange.Start(Owners[1]);
        Assert.False(_parts.Sent<ClocksMessage>()[^1].StartsExchange);
        _parts.Exchange.Start(Owners[1], isAlways: true);
        Assert.True(_parts.Sent<ClocksMessage>()[^1].StartsExchange);

        _parts.Gate.RecoveryEnded(Trio.Now);
        _parts.Exchange.StartDue(Trio.Now);
        Assert.Equal([true, true], _parts.Sent<ClocksMessage>()[2..].Select(static sent => sent.StartsExchange));
        _parts.Exchange.StartDue(Trio.Now);
        Assert.Equal(4, _parts.Effects.Sent.Count);
    }

    [Fact]
    public void Who_does_not_know_every_holder_is_not_let_in_by_an_answer()
    {
        _parts.Gate.RecoveryEnded(Trio.Now);
        _parts.Exchange.NoteAnswer(_parts.Peers.Slots[1], _parts.Answer(1, Clock()), isUpToDate: false, Trio.Now);
        Assert.True(_parts.Gate.HasToHear(1));
        _parts.Exchange.NoteAnswer(_parts.Peers.Slots[1], _parts.Answer(1, Clock()), isUpToDate: true, Trio.Now);
        Assert.False(_parts.Gate.HasToHear(1));
    }

    [Fact]
    public void A_message_whose_clocks_leave_out_other_ids_than_have_retired_here_is_dropped_and_its_sender_told()
    {
        _parts.State.Apply(Make(Ended, Clock(), "cart", "apple", default), isAwaited: false);
        _parts.Collect(Ended);
        PeerMessage known = new FetchMessage(B, Clock((B, 1))) { FoldedWith = _parts.State.Keys.Retired.Hash };
        Assert.True(_parts.Exchange.TryComplete(_parts.Peers.Slots[1], ref known));
        Assert.Equal(Clock((Ended, 1), (B, 1)), ((FetchMessage)known).Clock);
        Assert.Empty(_parts.Effects.Sent);

        PeerMessage unknown = new FetchMessage(B, Clock((B, 1))) { FoldedWith = 77 };
        Assert.False(_parts.Exchange.TryComplete(_parts.Peers.Slots[1], ref unknown));
        Assert.Equal([Owners[1]], _parts.SentTo<ClocksMessage>());
        Assert.Equal((1, 77UL), (_parts.Exchange.NotUnderstood, _parts.Peers.Slots[1].RetiredHash));
    }
}

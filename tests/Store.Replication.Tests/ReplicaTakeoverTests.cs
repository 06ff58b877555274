using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests;

/// <summary>
/// Slots of lost nodes: what a holder promises, and to whom. Node 1 holds the first of three slots, node 3 the last, which node 4 is to
/// get.
/// </summary>
public sealed class ReplicaTakeoverTests
{
    private const long Now = Trio.Now;
    private static readonly NodeId[] Founders = [new(1), new(2), new(3)];
    private static readonly NodeId Lost = new(3);
    private static readonly NodeId Newcomer = new(4);
    private static readonly ReplicaId OfNewcomer = new(400);
    private static readonly long Forced = SlotEpoch.NextForced(1);
    private RecordingEffects _effects = new();
    private Replica _replica;

    public ReplicaTakeoverTests() => _replica = Start([], [new(1), new(2), Newcomer], [new LostNode(Lost, false)]);

    [Fact]
    public void A_promise_leaves_once_it_is_durable_and_says_what_was_applied()
    {
        _replica.Handle(Trio.Add("cart", "apple", required: 1), Now);
        Ask(Forced);
        Assert.Empty(Answers());

        Persist();
        var answer = Assert.Single(Answers());
        Assert.True(answer.Clock!.Equals(_replica.Applied));
        Assert.Equal(new SlotHolder(Newcomer, Forced, false, Lost), answer.Table[2]);
    }

    [Fact]
    public void A_promise_outlives_the_process()
    {
        Ask(Forced);
        Persist();
        var journal = _effects.Journal.Select(static record => record.Record).ToArray();
        _effects = new RecordingEffects();

        // The layout of the new life says nothing of it: the journal does, who is lost included.
        _replica = Start(journal, Founders, []);
        Assert.Equal(new SlotHolder(Newcomer, Forced, false, Lost), _replica.Peers.Table()[2]);
        _replica.Handle(
            Lost, Claimed(new ClocksMessage(new ReplicaId(300), new VersionVector(), new VersionVector(), true, Now), 2, 1), Now);
        Assert.Empty(_effects.Sent);
    }

    [Fact]
    public void What_the_layout_does_not_say_is_not_promised()
    {
        // Node 5 is not named, and node 3 is not lost.
        _replica.Handle(new NodeId(5), new PromiseRequestMessage(new ReplicaId(500), 2, Forced), Now);
        Assert.Null(_effects.Sent.Select(static sent => sent.Message).OfType<PromiseAnswerMessage>().Single().Clock);

        _effects = new RecordingEffects();
        _replica = Start([], [new(1), new(2), Newcomer], []);
        Ask(Forced);
        Persist();
        Assert.Null(Assert.Single(Answers()).Clock);
    }

    [Fact]
    public void What_the_old_holder_sends_after_a_promise_is_neither_applied_nor_acked()
    {
        // Its layout does not say that node 3 is lost: what it heard of the slot does.
        _replica = Start([], Founders, []);
        var promised = SlotHolder.Founding(Founders);
        promised[2] = new SlotHolder(Newcomer, Forced, false, Lost);
        _replica.Handle(new NodeId(2), Claimed(new SlotsMessage(new ReplicaId(200), promised, false), 1, 1), Now);
        _effects.Sent.Clear();

        _replica.Handle(
            Lost, Claimed(new EventsMessage(new ReplicaId(300), AckWanted.Applied, false, false, [Event(new ReplicaId(300))]), 2, 1), Now);
        Persist();
        Assert.Equal(0, _replica.Applied.Count);
        Assert.DoesNotContain(_effects.Sent, static sent => sent.To == Lost);
    }

    [Fact]
    public void What_is_claimed_under_an_older_epoch_is_not_acked_though_its_sender_is_not_lost()
    {
        _replica = Start([], [new(1), new(2), Newcomer], []);
        var moved = SlotHolder.Founding(Founders);
        moved[2] = new SlotHolder(Newcomer, 2, true, Lost);
        _replica.Handle(new NodeId(2), Claimed(new SlotsMessage(new ReplicaId(200), moved, false), 1, 1), Now);
        _effects.Sent.Clear();

        _replica.Handle(
            Lost, Claimed(new EventsMessage(new ReplicaId(300), AckWanted.Applied, false, false, [Event(new ReplicaId(300))]), 2, 1), Now);
        Persist();
        Assert.DoesNotContain(_effects.Sent, static sent => sent.Message is AckMessage);
        Assert.Contains(_effects.Sent, static sent => sent.To == Lost && sent.Message is SlotsMessage);
    }

    [Fact]
    public void Who_finds_itself_lost_serves_nobody_and_says_why()
    {
        _replica.SetLayout([new(2), new(3), Newcomer], lost: [new LostNode(new NodeId(1), false)]);
        Assert.Equal(ServingState.WithoutSlot, _replica.ServingState);
        _replica.Handle(Trio.Add("cart", "apple", required: 1), Now);
        Assert.Equal(Outcome.NotServing, Assert.Single(_effects.Writes).Outcome);
        Assert.Contains("declared lost", _replica.NotServingBecause, StringComparison.Ordinal);
        Assert.False(_replica.Inspection.IsDrained);
    }

    private Replica Start(byte[][] journal, NodeId[] layout, LostNode[] lost)
    {
        var replica = new Replica(
            new ReplicaId((ulong)(100 + journal.Length)),
            new NodeId(1),
            SlotHolder.Founding(Founders),
            layout,
            new ReplicaSettings(),
            _effects,
            lost: lost);
        foreach (var node in new NodeId[] { new(2), Lost, Newcomer, new(5) }) replica.SetReachable(node, true);
        foreach (var record in journal) replica.Recover(record);

        // Without its end the journal leaves it as it was: serving.
        _effects.Sent.Clear();
        return replica;
    }

    private void Ask(long epoch) => _replica.Handle(Newcomer, new PromiseRequestMessage(OfNewcomer, 2, epoch), Now);

    private void Persist() => _replica.Persisted(_effects.Journal.Count > 0 ? _effects.Journal[^1].Position : 0);

    private PromiseAnswerMessage[] Answers() =>
        [.. _effects.Sent.Where(static sent => sent.To == Newcomer).Select(static sent => sent.Message).OfType<PromiseAnswerMessage>()];

    private static PeerMessage Claimed(PeerMessage message, int slot, long epoch)
    {
        message.Claim = new SlotClaim(slot, epoch);
        return message;
    }

    private static byte[] Event(ReplicaId origin)
    {
        var context = new UpdateContext(origin, new VersionVector(), new HybridTimestamp(Now), OperationId.None);
        var change = KeyMutation.Operate(Trio.Key("cart"), new SetAdd([Bytes.FromText("pear")]), null, context);
        return ReplicaEvent.Create(context, [change], new ByteWriter()).Encoded;
    }
}

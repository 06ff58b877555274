using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests.Coordination;

/// <summary>A node whose journal takes nothing any more counts towards no write; reads go on there.</summary>
public sealed class RefusingJournalTests
{
    private const long Now = Trio.Now;
    private static readonly NodeId[] Owners = [new(1), new(2), new(3)];
    private static readonly NodeId StandInNode = new(4);
    private readonly Trio _trio = new();

    [Theory]
    [InlineData(Durability.Journal)]
    [InlineData(Durability.Memory)]
    public void A_strict_write_that_needs_it_is_refused_before_anything_is_applied(Durability durability)
    {
        _trio.Replicas[0].SetTakesWrites(Owners[2], false);

        _trio.Execute(0, Trio.Add("cart", "apple", required: 3, durability));

        var refused = Assert.Single(_trio.Effects[0].Writes);
        Assert.Equal((Outcome.Unavailable, 2), (refused.Outcome, refused.Reachable));
        Assert.Equal("the journal of node 3 takes no writes", refused.Message);
        Assert.Empty(_trio.Effects[0].Appended);
        Assert.Equal(0, _trio.Replicas[0].Keys.Count);
    }

    [Fact]
    public void Reads_and_writes_that_do_without_it_go_on()
    {
        _trio.Replicas[0].SetTakesWrites(Owners[2], false);

        _trio.Execute(0, Trio.Add("cart", "apple", required: 2));
        _trio.Deliver();
        _trio.Persist(0);
        _trio.Persist(1);
        _trio.Deliver();
        Assert.Equal(Outcome.Done, Assert.Single(_trio.Effects[0].Writes).Outcome);

        // It has the event too, and says that it has it, and never that its journal does.
        Assert.Equal(["apple"], _trio.Elements(2, "cart"));
        _trio.Execute(0, Trio.Read("cart", required: 3));
        _trio.Deliver();
        Assert.Equal(Outcome.Done, Assert.Single(_trio.Effects[0].Reads).Outcome);
        Assert.Equal(0, _trio.Replicas[0].Peers.Slots[2].Durable[_trio.Replicas[0].Id]);
    }

    [Fact]
    public void It_counts_again_once_its_journal_works()
    {
        _trio.Replicas[0].SetTakesWrites(Owners[2], false);
        _trio.Replicas[0].SetTakesWrites(Owners[2], true);

        _trio.Execute(0, Trio.Add("cart", "apple", required: 3));
        for (var i = 0; i < 3; i++)
        {
            _trio.Deliver();
            _trio.Persist(i);
        }

        _trio.Deliver();
        Assert.Equal(Outcome.Done, Assert.Single(_trio.Effects[0].Writes).Outcome);
    }

    [Fact]
    public void A_replica_whose_own_journal_refuses_makes_nothing_for_a_client()
    {
        _trio.Replicas[0].SetTakesWrites(Owners[0], false);

        _trio.Execute(0, Trio.Add("cart", "apple", required: 1));

        var refused = Assert.Single(_trio.Effects[0].Writes);
        Assert.Equal((Outcome.NotServing, "this node's journal takes no writes"), (refused.Outcome, refused.Message));
        Assert.Empty(_trio.Effects[0].Appended);
    }

    [Fact]
    public void Nothing_is_kept_to_become_durable_in_a_journal_that_has_ended()
    {
        var journal = new JournalProgress();
        var first = journal.Append(new Dot(new ReplicaId(1), 1));
        journal.MarkDurable(first);
        journal.Append(null, new SealIsDurable());
        journal.End();
        for (var i = 2; i < 1_000; i++) Assert.Null(journal.MarkDurable(journal.Append(new Dot(new ReplicaId(1), i))));
        Assert.Equal((0, 1), (journal.WaitingCount, journal.Durable[new ReplicaId(1)]));
        Assert.Empty(journal.Pending);
    }

    [Fact]
    public void A_sloppy_write_has_a_stand_in_take_its_place_unless_that_one_refuses_too()
    {
        var effects = new RecordingEffects();
        var replica = new Replica(new(0xa1), Owners[0], SlotHolder.Founding(Owners), Owners, new ReplicaSettings(), effects, fallbacks: [
            StandInNode,
            new NodeId(5),
        ]);
        foreach (var node in (NodeId[])[.. Owners, StandInNode]) replica.SetReachable(node, true);
        replica.SetTakesWrites(Owners[2], false);
        replica.SetTakesWrites(StandInNode, false);

        replica.Handle(Sloppy(required: 3), Now);
        Assert.Equal((Outcome.Unavailable, 2), (effects.Writes[^1].Outcome, effects.Writes[^1].Reachable));

        replica.SetTakesWrites(StandInNode, true);
        replica.Handle(Sloppy(required: 3), Now);
        replica.Flush(Now);
        Assert.Single(effects.Writes);
        Assert.Contains(effects.Sent, static sent => sent.To == StandInNode && sent.Message is FallbackMessage { Inner: HintMessage });
    }

    [Fact]
    public void A_stand_in_that_takes_calls_does_not_count_a_fellow_that_refuses_nor_itself()
    {
        var effects = new RecordingEffects();
        var (d, e) = (StandInNode, new NodeId(5));
        var fallback = new FallbackReplica(new(0xd1), d, Owners, [d, e], new ReplicaSettings(), effects);
        fallback.SetReachable(e, true);
        fallback.Handle(Owners[0], new FallbackMessage(new(0xa1), IsForFallback: true, new StabilityPollMessage(
            new(0xa1), 9, new(0xd1), new VersionVector(), MayCoordinate: true, IsLeaving: false, NamesPassedMs: 0)), Now);

        fallback.SetTakesWrites(e, false);
        fallback.Handle(Sloppy(required: 2), Now);
        Assert.Equal((Outcome.Unavailable, 1), (effects.Writes[^1].Outcome, effects.Writes[^1].Reachable));
        fallback.Handle(new ReadRequest { Key = Trio.Key("cart"), Required = 2, Sloppy = true, DeadlineMs = Now + 1_000 }, Now);
        Assert.Empty(effects.Reads);

        fallback.SetTakesWrites(d, false);
        fallback.Handle(Sloppy(required: 1), Now);
        Assert.Equal(Outcome.NotServing, effects.Writes[^1].Outcome);
        Assert.Empty(effects.Journal);
    }

    [Fact]
    public void A_new_holder_of_a_slot_is_known_by_its_own_journal()
    {
        var peers = new PeerKnowledge(Owners[0], SlotHolder.Founding(Owners));
        peers.SetTakesWrites(StandInNode, false);
        Assert.True(peers.Slots[1].TakesWrites);
        Assert.True(peers.TryTake(1, new SlotHolder(StandInNode, 2, true, Owners[1])));
        Assert.False(peers.Slots[1].TakesWrites);
        Assert.True(peers.TryTake(1, new SlotHolder(Owners[1], 3, true, StandInNode)));
        Assert.True(peers.Slots[1].TakesWrites);
    }

    private static WriteRequest Sloppy(int required) =>
        new() { Key = Trio.Key("cart"), Operation = new CounterIncrement(1), Required = required, Sloppy = true, DeadlineMs = Now + 1_000 };
}

using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests;

public sealed class ReplicaTests
{
    private readonly Trio _trio = new();

    [Fact]
    public void A_journaled_write_is_acked_only_when_enough_journals_hold_it()
    {
        _trio.Execute(0, Trio.Add("cart", "apple", required: 2));
        _trio.Deliver();
        Assert.Empty(_trio.Effects[0].Writes);

        _trio.Persist(1);
        _trio.Deliver();
        Assert.Empty(_trio.Effects[0].Writes);

        _trio.Persist(0);
        var result = Assert.Single(_trio.Effects[0].Writes);
        Assert.Equal((Outcome.Done, 0b011UL), (result.Outcome, result.AckedSlots));
    }

    [Fact]
    public void A_memory_write_is_acked_once_applied_and_journaled_all_the_same()
    {
        _trio.Execute(0, Trio.Add("cart", "apple", required: 3, Durability.Memory));
        Assert.Empty(_trio.Effects[0].Writes);
        _trio.Deliver();
        Assert.Equal(Outcome.Done, Assert.Single(_trio.Effects[0].Writes).Outcome);
        Assert.All(_trio.Effects, effects => Assert.Single(effects.Appended));
    }

    [Fact]
    public void Too_few_within_reach_is_refused_before_anything_is_applied()
    {
        _trio.Replicas[0].SetReachable(Trio.Owners[1], false);
        _trio.Replicas[0].SetReachable(Trio.Owners[2], false);
        _trio.Execute(0, Trio.Add("cart", "apple", required: 2));
        var result = Assert.Single(_trio.Effects[0].Writes);
        Assert.Equal((Outcome.Unavailable, 1), (result.Outcome, result.Reachable));
        Assert.Empty(_trio.Effects[0].Appended);
        Assert.Equal(0, _trio.Replicas[0].Keys.Count);

        _trio.Execute(0, Trio.Read("cart", required: 2));
        Assert.Equal(Outcome.Unavailable, Assert.Single(_trio.Effects[0].Reads).Outcome);
    }

    [Fact]
    public void An_owner_that_is_back_counts_for_writes_once_it_has_caught_up()
    {
        var trio = new Trio(new ReplicaSettings { CausalBufferMaxBytes = 300, FetchMaxBytes = 200 });
        trio.Replicas[0].SetReachable(Trio.Owners[1], false);
        trio.Replicas[0].SetReachable(Trio.Owners[2], false);
        for (var i = 0; i < 20; i++) trio.Execute(0, Trio.Add("cart", $"e{i:00}", required: 1));
        trio.Persist(0);
        trio.Deliver(lost: (_, _, _) => true);

        // It is heard again, and asks for what it lacks.
        trio.Replicas[0].SetReachable(Trio.Owners[2], true);
        var asked = 0;
        Assert.True(trio.RunUntil(() => asked > 0, Lost));

        bool Lost(int from, NodeId to, PeerMessage message)
        {
            if (from == 2 && message is FetchMessage) asked++;
            return message is EventsMessage or ClocksMessage { Sender.Value: 102 };
        }

        trio.Effects[0].Writes.Clear();
        trio.Effects[0].Appended.Clear();
        trio.Replicas[0].Handle(LateAdd(), Trio.Now);
        var refused = Assert.Single(trio.Effects[0].Writes);
        Assert.Equal(
            (Outcome.Unavailable, 1, "node 3 is back and has yet to catch up"), (refused.Outcome, refused.Reachable, refused.Message));
        Assert.Empty(trio.Effects[0].Appended);

        // A read may ask it: what it lacks the coordinator has.
        trio.Replicas[0].Handle(new ReadRequest { Key = Trio.Key("cart"), Required = 2, DeadlineMs = long.MaxValue }, Trio.Now);
        trio.Deliver(Lost);
        Assert.Equal(Outcome.Done, Assert.Single(trio.Effects[0].Reads).Outcome);

        // What it asks for next says that it is no longer far behind.
        Assert.True(trio.RunUntil(
            () => trio.Replicas[2].Applied.Equals(trio.Replicas[0].Applied),
            lost: (from, _, message) => from == 2 && message is ClocksMessage));
        trio.Effects[0].Writes.Clear();
        trio.Replicas[0].Handle(LateAdd(), Trio.Now);
        Assert.Empty(trio.Effects[0].Writes);
        Assert.True(trio.RunUntil(() => trio.Effects[0].Writes.Count > 0));
        Assert.Equal(Outcome.Done, trio.Effects[0].Writes[0].Outcome);
    }

    private static WriteRequest LateAdd() => new()
    {
        Key = Trio.Key("cart"),
        Operation = new SetAdd([Bytes.FromText("late")]),
        Required = 2,
        DeadlineMs = long.MaxValue,
    };

    [Fact]
    public void Too_few_acks_in_time_say_how_many()
    {
        _trio.Execute(0, Trio.Add("cart", "apple", required: 3));
        _trio.Deliver(lost: (_, to, _) => to == Trio.Owners[2]);
        _trio.Persist(0);
        _trio.Persist(1);
        _trio.Deliver();
        _trio.Replicas[0].Tick(Trio.Now + 1_000, 0);
        var result = Assert.Single(_trio.Effects[0].Writes);
        Assert.Equal((Outcome.Indeterminate, 0b011UL), (result.Outcome, result.AckedSlots));
        Assert.Equal(0, _trio.Replicas[0].Waiting);
    }

    [Fact]
    public void An_event_that_arrives_early_waits_for_what_it_depends_on()
    {
        _trio.Execute(0, Trio.Add("cart", "apple", required: 1));
        _trio.Deliver(lost: (_, to, _) => to == Trio.Owners[2]);
        _trio.Execute(1, Trio.Add("cart", "pear", required: 1));
        _trio.Deliver();
        Assert.Empty(_trio.Elements(2, "cart"));
        Assert.Equal(1, _trio.Replicas[2].Inspection.Buffered);

        // The hole lasts: it is fetched from the peer that has shown it knows more.
        _trio.Replicas[2].Tick(Trio.Now + 200, 0);
        _trio.Deliver();
        Assert.Equal(["apple", "pear"], _trio.Elements(2, "cart"));
        Assert.Equal(0, _trio.Replicas[2].Inspection.Buffered);
        Assert.Equal(_trio.Replicas[0].Keys.Digest(), _trio.Replicas[2].Keys.Digest());
    }

    [Fact]
    public void Parking_is_bounded_and_what_it_dropped_is_fetched()
    {
        var trio = new Trio(new ReplicaSettings { CausalBufferMaxBytes = 300, FetchMaxBytes = 200 });
        trio.Execute(0, Trio.Add("cart", "first", required: 1));
        trio.Deliver(lost: (_, to, _) => to == Trio.Owners[2]);
        for (var i = 0; i < 50; i++)
        {
            trio.Execute(0, Trio.Add("cart", $"e{i:00}", required: 1));
            trio.Deliver();
        }

        Assert.InRange(trio.Replicas[2].Inspection.Buffered, 1, 10);
        trio.Replicas[2].Tick(Trio.Now + 200, 0);
        trio.Deliver();
        Assert.Equal(51, trio.Elements(2, "cart").Length);
    }

    [Fact]
    public void A_retry_at_another_node_counts_once()
    {
        var id = new OperationId(1, 1, Trio.Now + 60_000);
        _trio.Execute(0, Trio.Increment("views", id));

        // The coordinator dies before anybody hears of it; the client tries elsewhere.
        _trio.Deliver(lost: (from, _, _) => from == 0);
        _trio.Execute(1, Trio.Increment("views", id));
        _trio.Deliver(lost: (from, _, _) => from == 0);

        // It comes back with what it had journaled, and everybody hears of both events.
        foreach (var replica in _trio.Replicas) replica.Tick(Trio.Now + 2_000, 1);
        _trio.Deliver();
        foreach (var replica in _trio.Replicas) replica.Tick(Trio.Now + 4_000, 0);
        _trio.Deliver();
        foreach (var replica in _trio.Replicas) replica.Tick(Trio.Now + 6_000, 0);
        _trio.Deliver();
        Assert.All(_trio.Replicas, replica =>
        {
            Assert.Equal(2, replica.Applied.TotalChanges);
            Assert.Equal(1, ((PNCounter)replica.Keys.Find(Trio.Key("views"))!.Find(CrdtType.Counter)!.State).Value);
        });
    }

    [Fact]
    public void A_retry_at_the_same_node_makes_no_second_event()
    {
        var id = new OperationId(1, 1, Trio.Now + 60_000);
        _trio.Execute(0, Trio.Increment("views", id));
        _trio.Execute(0, Trio.Increment("views", id));
        _trio.Persist(0);
        Assert.Single(_trio.Effects[0].Appended);
        Assert.Equal([Outcome.Done, Outcome.Done], _trio.Effects[0].Writes.Select(write => write.Outcome));
    }

    [Fact]
    public void An_operation_past_its_deadline_is_not_executed()
    {
        var tolerated = new ReplicaSettings().MaxClockSkewMs;
        _trio.Execute(0, Trio.Increment("views", new OperationId(1, 1, Trio.Now - tolerated)));
        Assert.Equal(Outcome.Expired, Assert.Single(_trio.Effects[0].Writes).Outcome);
        Assert.Empty(_trio.Effects[0].Appended);
    }

    [Fact]
    public void Another_type_at_the_key_is_refused()
    {
        _trio.Execute(0, Trio.Add("cart", "apple", required: 1));
        _trio.Execute(0, Trio.Increment("cart", default));
        var refused = Assert.Single(_trio.Effects[0].Writes);
        Assert.Equal(Outcome.WrongType, refused.Outcome);
        Assert.Contains("holds a Set, not a Counter", refused.Message);
        Assert.Single(_trio.Effects[0].Appended);
    }

    [Fact]
    public void Two_types_made_on_two_sides_of_a_cut_both_survive_and_a_delete_removes_both()
    {
        _trio.Execute(0, Trio.Add("key", "apple", required: 1));
        _trio.Execute(1, Trio.Increment("key", default));
        _trio.Deliver();
        foreach (var replica in _trio.Replicas)
        {
            var entry = replica.Keys.Find(Trio.Key("key"))!;
            Assert.Equal(2, entry.VisibleTypes);

            // Equal timestamps: the lower dot answers, at every replica.
            Assert.Equal(CrdtType.Set, entry.Answering!.State.Type);
        }

        _trio.Execute(2, new WriteRequest { Key = Trio.Key("key"), Operation = null, Required = 1, DeadlineMs = Trio.Now + 1_000 });
        _trio.Deliver();
        Assert.All(_trio.Replicas, replica => Assert.Null(replica.Keys.Find(Trio.Key("key"))!.Answering));
    }

    [Fact]
    public void A_quorum_read_finds_what_only_a_peer_holds_and_stores_nothing_of_it()
    {
        _trio.Execute(0, Trio.Add("cart", "apple", required: 1));
        _trio.Deliver(lost: (_, _, message) => message is EventsMessage);
        _trio.Execute(1, Trio.Add("cart", "pear", required: 1));
        _trio.Deliver(lost: (_, _, message) => message is EventsMessage);
        _trio.Execute(2, Trio.Read("cart", required: 3));
        _trio.Deliver();
        var read = Assert.Single(_trio.Effects[2].Reads);
        Assert.Equal((Outcome.Done, 0b111UL), (read.Outcome, read.Slots));
        Assert.Equal(["apple", "pear"], read.Elements);
        Assert.Equal(0, _trio.Replicas[2].Keys.Count);

        // Having met peers that know more, the replica fetches, without waiting for gossip.
        _trio.Replicas[2].Tick(Trio.Now + 200, 0);
        _trio.Deliver();
        Assert.NotEmpty(_trio.Elements(2, "cart"));
    }

    [Fact]
    public void A_peer_with_nothing_new_answers_in_a_few_bytes()
    {
        _trio.Execute(0, Trio.Add("cart", new string('x', 10_000), required: 1));
        _trio.Deliver();
        _trio.Execute(1, Trio.Read("cart", required: 2));
        var answers = 0;
        _trio.Deliver(lost: (_, _, message) =>
        {
            if (message is not ReadAnswerMessage) return false;
            answers++;
            var writer = new ByteWriter();
            message.Encode(writer);
            Assert.InRange(writer.Length, 1, 24);
            return false;
        });
        Assert.Equal(1, answers);
        Assert.Single(_trio.Effects[1].Reads.Single().Elements);
    }

    [Fact]
    public void A_slow_peer_is_hedged_and_a_read_past_its_deadline_is_given_up()
    {
        _trio.Execute(0, Trio.Read("cart", required: 2));
        var asked = Assert.Single(_trio.Effects[0].Sent).To;
        _trio.Effects[0].Sent.Clear();
        _trio.Replicas[0].Tick(Trio.Now + 110, 0);
        Assert.Contains(_trio.Effects[0].Sent, sent => sent.Message is ReadQueryMessage && sent.To != asked);
        _trio.Effects[0].Sent.Clear();
        _trio.Replicas[0].Tick(Trio.Now + 1_000, 0);
        Assert.Equal(Outcome.TimedOut, Assert.Single(_trio.Effects[0].Reads).Outcome);
    }

    [Fact]
    public void A_request_with_a_token_waits_until_the_replica_covers_it()
    {
        _trio.Execute(0, Trio.Add("cart", "apple", required: 1));
        var token = _trio.Replicas[0].Applied.Copy();
        _trio.Effects[0].Sent.Clear();
        _trio.Execute(1, Trio.Read("cart", required: 1, token));
        Assert.Empty(_trio.Effects[1].Reads);
        _trio.Deliver();
        _trio.Replicas[1].Tick(Trio.Now + 200, 0);
        _trio.Deliver();
        Assert.Equal(["apple"], Assert.Single(_trio.Effects[1].Reads).Elements);

        token.Advance(new ReplicaId(999), 1);
        _trio.Execute(1, Trio.Read("cart", required: 1, token));
        _trio.Replicas[1].Tick(Trio.Now + 1_000, 0);
        Assert.Equal(Outcome.SessionUnavailable, _trio.Effects[1].Reads[^1].Outcome);
    }

    [Fact]
    public void What_an_earlier_life_of_a_peer_acked_is_not_counted_for_its_present_one()
    {
        _trio.Execute(0, Trio.Add("cart", "apple", required: 3, Durability.Memory));
        _trio.Deliver(lost: (_, to, message) => to == Trio.Owners[2] && message is EventsMessage);
        Assert.Empty(_trio.Effects[0].Writes);

        // Node 2 acked and starts anew with an empty disk: only node 1 itself holds the write now.
        var newborn = new ClocksMessage(new ReplicaId(5_000), new VersionVector(), new VersionVector(), AnswerWanted: false, Trio.Now)
        {
            Claim = new SlotClaim(1, 1),
        };
        _trio.Replicas[0].Handle(Trio.Owners[1], newborn, Trio.Now);
        _trio.Replicas[0].Tick(Trio.Now + 1_000, 0);
        Assert.Equal(0b001UL, Assert.Single(_trio.Effects[0].Writes).AckedSlots);
    }

    [Fact]
    public void An_answer_to_an_earlier_life_is_not_taken_for_one_to_the_present_one()
    {
        // The earlier life had applied the write in memory, so the peer that holds it answers "covered" …
        _trio.Execute(1, Trio.Add("cart", "apple", required: 1));
        _trio.Deliver();
        _trio.Execute(0, Trio.Read("cart", required: 3));
        ReadAnswerMessage? late = null;
        _trio.Deliver(lost: (from, _, message) =>
        {
            if (message is not ReadAnswerMessage answer) return false;
            if (from == 1) late = answer;
            return true;
        });

        // … and died before its journal did. Its next life asks the same again, under the same number.
        var effects = new RecordingEffects();
        var restarted = new Replica(
            new ReplicaId(900), Trio.Owners[0], SlotHolder.Founding(Trio.Owners), Trio.Owners, new ReplicaSettings(), effects);
        foreach (var owner in Trio.Owners) restarted.SetReachable(owner, true);
        restarted.Handle(Trio.Read("cart", required: 2), Trio.Now);
        restarted.Handle(Trio.Owners[1], late!, Trio.Now);
        Assert.Empty(effects.Reads);
    }

    [Fact]
    public void A_replica_whose_journal_has_a_hole_does_not_serve_what_is_left_of_it()
    {
        _trio.Execute(0, Trio.Add("cart", "apple", required: 1));
        _trio.Execute(0, Trio.Add("cart", "pear", required: 1));
        var restarted = new Replica(
            new ReplicaId(7_000),
            Trio.Owners[0],
            SlotHolder.Founding(Trio.Owners),
            Trio.Owners,
            new ReplicaSettings(),
            new RecordingEffects());
        restarted.Recover(_trio.Effects[0].Appended[1].Event.Encoded);
        restarted.RecoveryEnded(Trio.Now);
        restarted.Tick(Trio.Now + 60_000, 0);
        Assert.Contains("damaged", restarted.NotServingBecause, StringComparison.Ordinal);

        restarted = new Replica(
            new ReplicaId(7_000),
            Trio.Owners[0],
            SlotHolder.Founding(Trio.Owners),
            Trio.Owners,
            new ReplicaSettings(),
            new RecordingEffects());
        restarted.Recover(_trio.Effects[0].Appended[0].Event.Encoded);
        restarted.Recover(_trio.Effects[0].Appended[1].Event.Encoded);
        Assert.Equal(_trio.Replicas[0].Keys.Digest(), restarted.Keys.Digest());
        Assert.Equal(_trio.Replicas[0].Applied, restarted.Durable);
    }

    [Fact]
    public void More_waiting_operations_than_allowed_are_refused()
    {
        var trio = new Trio(new ReplicaSettings { MaxWaiting = 2 });
        for (var i = 0; i < 3; i++) trio.Execute(0, Trio.Add("cart", $"e{i}", required: 2));
        Assert.Equal(Outcome.Overloaded, Assert.Single(trio.Effects[0].Writes).Outcome);
        Assert.Equal(2, trio.Elements(0, "cart").Length);
    }
}

using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests.Wire;

/// <summary>Retired ids leave what is written out, and nothing else changes.</summary>
public sealed class RetiredIdTests
{
    private static readonly ReplicaSettings Settings = new() { CollectIntervalMs = 500 };
    private readonly Trio _trio = new(Settings);
    private readonly ReplicaId _ended;

    public RetiredIdTests()
    {
        _ended = _trio.Replicas[1].Id;
        Do(1, "old");
        _trio.Restart(1, [.. _trio.Effects[1].Journal.Select(record => record.Record), [(byte)JournalRecordKind.Served]], Settings);
        Assert.True(_trio.RunUntil(() => _trio.Replicas[1].ServingState == ServingState.Serving));
        Do(1, "new");
        Assert.True(_trio.RunUntil(() => _trio.Replicas.All(replica => replica.Keys.Retired.Clock[_ended] == 2) && _trio.AreEqual));

        // Everybody has told everybody.
        Assert.True(_trio.RunUntil(() => _trio.Replicas.All(replica => replica.Peers.Slots.ToArray().All(slot =>
            slot.Node == replica.Peers.Slots[replica.Peers.OwnSlot].Node || slot.RetiredHash == replica.Keys.Retired.Hash))));
    }

    [Fact]
    public void An_event_names_no_id_that_has_retired_and_is_applied_at_the_clock_it_was_made_at()
    {
        Do(0, "later");
        var made = _trio.Effects[0].Appended.Last(appended => appended.Event.StableCut is null).Event;
        Assert.Equal(0, made.Clock[_ended]);
        Assert.Equal(_trio.Replicas[0].Applied, _trio.Replicas[0].Keys.Retired.AddTo(ReplicaEvent.Decode(made.Encoded).Clock));
        Assert.True(_trio.AreEqual);

    }

    [Fact]
    public void An_event_has_seen_what_it_does_not_name()
    {
        _trio.Execute(0, new WriteRequest
        {
            Key = Trio.Key("only-old"),
            Operation = new SetRemove([Trio.Key("old")]),
            Required = 1,
            DeadlineMs = long.MaxValue,
        });
        _trio.Deliver();
        var made = _trio.Effects[0].Appended[^1].Event;
        Assert.Equal(0, made.Clock[_ended]);
        for (var i = 0; i < 3; i++)
        {
            Assert.Empty(_trio.Elements(i, "only-old"));
            Assert.Equal(
                made.Last, Assert.Single(_trio.Replicas[i].Keys.Find(Trio.Key("only-old"))!.Find(CrdtType.Set)!.LastChange.ToArray()));
        }
    }

    [Fact]
    public void The_journal_brings_back_the_same_state()
    {
        Do(2, "later");
        var digest = _trio.Replicas[2].Keys.Digest();
        _trio.Restart(2, _trio.Effects[2].Journal.Select(record => record.Record), Settings);
        Assert.Equal(digest, _trio.Replicas[2].Keys.Digest());
    }

    [Fact]
    public void Gossip_between_equal_tables_leaves_the_retired_out_and_is_heard_whole()
    {
        ClocksMessage? told = null;
        Assert.True(_trio.RunUntil(() => told is not null, (from, to, message) =>
        {
            if (from == 0 && to == Trio.Owners[2] && message is ClocksMessage { FoldedWith: not 0 } clocks) told ??= clocks;
            return false;
        }));
        Assert.Equal(0, told!.Applied[_ended]);
        Assert.Equal(2, _trio.Replicas[2].Peers.Slots[0].Told!.Applied[_ended]);
        Assert.Equal(2, _trio.Replicas[2].Peers.Slots[0].Told!.Durable[_ended]);
    }

    [Fact]
    public void To_who_does_not_know_the_table_clocks_are_told_whole()
    {
        var isNew = Fold(new FetchMessage(_trio.Replicas[1].Id, _trio.Replicas[1].Applied.Copy()), hash: 77);
        _trio.Effects[0].Sent.Clear();
        _trio.Replicas[0].Handle(Trio.Owners[1], isNew, Trio.Now);
        Assert.Equal(1, _trio.Replicas[0].Inspection.NotUnderstood);
        var (to, answer) = Assert.Single(_trio.Effects[0].Sent);
        Assert.Equal(Trio.Owners[1], to);
        Assert.Equal(0UL, answer.FoldedWith);
        Assert.Equal(2, Assert.IsType<ClocksMessage>(answer).Applied[_ended]);
    }

    [Fact]
    public void Who_is_one_floor_behind_is_understood()
    {
        var before = _trio.Replicas[0].Keys.Retired;
        var asked = FoldedClocks.Fold(
            new FetchMessage(_trio.Replicas[1].Id, _trio.Replicas[1].Applied.Copy()) { Claim = new SlotClaim(1, 1) }, before);
        Assert.Equal(before.Hash, asked.FoldedWith);
        var further = before.Clock.Copy();
        further.Advance(_trio.Replicas[2].Id, 1);
        _trio.Replicas[0].Keys.Collect(
            new StableCut(further, long.MinValue, [new RetiredReplica(_trio.Replicas[2].Id, new Dot(_trio.Replicas[0].Id, 1))]));
        _trio.Effects[0].Sent.Clear();
        _trio.Replicas[0].Handle(Trio.Owners[1], asked, Trio.Now);
        Assert.Equal(0, _trio.Replicas[0].Inspection.NotUnderstood);
        Assert.Empty(Assert.IsType<EventsMessage>(Assert.Single(_trio.Effects[0].Sent).Message).Encoded);
    }

    [Fact]
    public void Receipts_name_no_id_that_has_retired_and_are_covered_everywhere()
    {
        _trio.Execute(0, Read("only-old", required: 1));
        Assert.Equal(0, _trio.Effects[0].Seen.Last()!.Count);
        Do(0, "later");
        var receipt = _trio.Effects[0].Clocks.Last();
        Assert.Equal(0, receipt[_ended]);
        Assert.All(_trio.Replicas, replica => Assert.True(replica.Inspection.Covers(receipt)));
    }

    [Fact]
    public void A_quorum_read_joins_at_the_whole_clock()
    {
        // Only the third has the change, and the first asks it.
        _trio.Execute(2, Add("cart", "late"));
        _trio.Deliver((_, _, message) => message is EventsMessage);
        var isFolded = false;
        _trio.Execute(0, Read("cart", required: 3));
        _trio.Deliver((_, _, message) =>
        {
            isFolded |= message is ReadAnswerMessage { FoldedWith: not 0, Clock: not null };
            return false;
        });
        Assert.True(isFolded);
        var (outcome, elements, _) = Assert.Single(_trio.Effects[0].Reads);
        Assert.Equal(Outcome.Done, outcome);
        Assert.Equal(["late", "new", "old"], elements.Order());
    }

    [Fact]
    public void A_message_without_clocks_cannot_leave_any_out()
    {
        Assert.Throws<CorruptDataException>(() => FoldedClocks.Complete(new BeyondLogMessage(_ended), _trio.Replicas[0].Keys.Retired));
        var writer = new ByteWriter();
        writer.WriteByte(0x80 | 8);
        writer.WriteFixed64(0);
        Assert.Throws<CorruptDataException>(() =>
        {
            var reader = new ByteReader(writer.Written);
            PeerMessage.Decode(ref reader);
        });
    }

    private static WriteRequest Add(string key, string element) =>
        new() { Key = Trio.Key(key), Operation = new SetAdd([Trio.Key(element)]), Required = 1, DeadlineMs = long.MaxValue };

    private static ReadRequest Read(string key, int required) =>
        new() { Key = Trio.Key(key), Required = required, DeadlineMs = long.MaxValue };

    private static PeerMessage Fold(PeerMessage message, ulong hash)
    {
        message.Claim = new SlotClaim(1, 1);
        message.FoldedWith = hash;
        return message;
    }

    private void Do(int node, string element)
    {
        _trio.Execute(node, Add("cart", element));
        if (element == "old") _trio.Execute(node, Add("only-old", element));
        for (var round = 0; round < 3; round++)
        {
            _trio.Deliver();
            for (var i = 0; i < 3; i++) _trio.Persist(i);
        }

        _trio.Deliver();
    }
}

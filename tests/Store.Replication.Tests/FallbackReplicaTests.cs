using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests;

public sealed class FallbackReplicaTests
{
    private const long Now = Trio.Now;
    private static readonly NodeId[] Owners = [new(1), new(2), new(3)];
    private static readonly NodeId Self = new(4);
    private static readonly NodeId FallbackPeer = new(5);
    private static readonly ReplicaId A = new(0xa1);
    private readonly RecordingEffects _effects = new();
    private readonly List<ReplicaEvent> _made = [];
    private readonly VersionVector _clock = new();

    [Fact]
    public void What_is_held_is_acked_once_it_is_on_disk()
    {
        var fallback = Start();
        Hold(fallback, Make(), Make());
        Assert.Empty(_effects.Sent);
        fallback.Persisted(_effects.Journal[^1].Position);
        Assert.Equal(2, Told().Covered[A]);
    }

    [Fact]
    public void A_gap_is_told_and_not_skipped()
    {
        var fallback = Start();
        Make();
        Hold(fallback, Make());
        Assert.Equal(HintAckFlags.Gap, Told().Flags);
        Assert.Empty(_effects.Journal);
    }

    [Fact]
    public void What_every_owner_has_on_disk_need_not_be_held()
    {
        var fallback = Start();
        Make();
        fallback.Handle(Owners[0], ByOwner(new HintMessage(A, Clock(1), [Make().Encoded])), Now);
        fallback.Persisted(_effects.Journal[^1].Position);
        Assert.Equal((2, HintAckFlags.None), (Told().Covered[A], Told().Flags));
    }

    [Fact]
    public void It_is_fetched_and_forgotten_once_every_owner_has_it_on_disk()
    {
        var fallback = Start();
        Hold(fallback, Make(), Make());
        fallback.Handle(Owners[2], ByOwner(new FetchMessage(new(0xc1), Clock(1))), Now);
        Assert.Empty(Assert.IsType<EventsMessage>(Said()).Encoded);

        // Not before it is on disk: else its next life would not know of what it gave.
        fallback.Persisted(_effects.Journal[^1].Position);
        fallback.Handle(Owners[2], ByOwner(new FetchMessage(new(0xc1), Clock(1))), Now);
        Assert.Equal([_made[1].Encoded], Assert.IsType<EventsMessage>(Said()).Encoded);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(fallback.HeldBytes > 0, "forgotten before every owner had it");
            fallback.Handle(
                Owners[i], ByOwner(new ClocksMessage(new ReplicaId((ulong)i + 1), Clock(2), Clock(i == 2 ? 1 : 2), false, Now)), Now);
        }

        Assert.Equal(_made[1].Encoded.Length, fallback.HeldBytes);
        fallback.Handle(Owners[2], ByOwner(new ClocksMessage(new ReplicaId(3), Clock(2), Clock(2), false, Now)), Now);
        Assert.Equal(0, fallback.HeldBytes);
        Assert.Equal([(byte)JournalRecordKind.Dropped], _effects.Journal[^1].Record);
    }

    [Fact]
    public void A_read_is_told_what_is_held_unless_the_asker_has_it()
    {
        var fallback = Start();
        Hold(fallback, Make(), Make());
        fallback.Handle(Owners[0], ByOwner(new ReadQueryMessage(A, 7, [Trio.Key("k")], Clock(1))), Now);
        Assert.Equal(2, Assert.IsType<ReadAnswerMessage>(Said()).Clock![A]);
        fallback.Handle(Owners[0], ByOwner(new ReadQueryMessage(A, 8, [Trio.Key("k")], Clock(2))), Now);
        Assert.Null(Assert.IsType<ReadAnswerMessage>(Said()).Clock);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_journal_brings_back_what_was_held(bool isRewritten)
    {
        var fallback = Start();
        Hold(fallback, Make(), Make(), Make());
        if (isRewritten) fallback.Rewrite();
        var again = Start();
        foreach (var (record, _) in isRewritten ? _effects.Journal.TakeLast(1) : _effects.Journal) again.Recover(record);
        Assert.Equal(fallback.HeldBytes, again.HeldBytes);
        _effects.Sent.Clear();
        again.Handle(Owners[0], ByOwner(new StabilityPollMessage(A, 9, new(4), new VersionVector(), true, false, 0)), Now);
        Assert.Equal((3, 3, 9UL), (Told().Covered[A], Told().Offered[A], Told().StabilityPoll));
        again.Recover([(byte)JournalRecordKind.Dropped]);
        Assert.Equal(0, again.HeldBytes);
    }

    [Fact]
    public void Past_its_budget_a_majority_has_to_do_and_else_it_takes_no_more()
    {
        var fallback = Start(maxBytes: 2 * Make().Encoded.Length);
        Hold(fallback, _made[0], Make());
        Hold(fallback, Make());
        Assert.True((Told().Flags & HintAckFlags.Full) != 0);
        Assert.Equal(2, _effects.Journal.Count);
        for (var i = 0; i < 2; i++)
            fallback.Handle(Owners[i], ByOwner(new ClocksMessage(new ReplicaId((ulong)i + 1), Clock(1), Clock(1), false, Now)), Now);
        Hold(fallback, _made[2]);
        Assert.Equal(3, _effects.Journal.Count);
    }

    [Fact]
    public void A_sloppy_write_counts_a_stand_in_and_a_strict_one_does_not()
    {
        var fallbacks = new[] { Self, new NodeId(5) };
        var replica = new Replica(A, Owners[0], SlotHolder.Founding(Owners), Owners, new ReplicaSettings(), _effects, fallbacks: fallbacks);
        foreach (var node in fallbacks) replica.SetReachable(node, true);
        replica.Handle(Request(sloppy: false), Now);
        Assert.Equal((Outcome.Unavailable, 1), (_effects.Writes[^1].Outcome, _effects.Writes[^1].Reachable));
        replica.Handle(Request(sloppy: true), Now);
        replica.Flush(Now);
        replica.Persisted(1);
        Assert.Single(_effects.Writes);
        var hold = Assert.IsType<HintMessage>(_effects.Sent.Last(sent => sent.To == Self).Message is FallbackMessage said
            ? said.Inner
            : null);
        var fallback = Start();
        fallback.Handle(Owners[0], ByOwner(hold), Now);
        fallback.Persisted(_effects.Journal[^1].Position);
        replica.Handle(Self, Through(new FallbackMessage(new(4), false, Told())), Now);
        var (outcome, slots, nodes) = (_effects.Writes[^1].Outcome, _effects.Writes[^1].AckedSlots, _effects.Writes[^1].StandIns);
        Assert.Equal((Outcome.Done, 1UL), (outcome, slots));
        Assert.Equal([Self], nodes);
    }

    [Fact]
    public void An_envelope_inside_an_envelope_is_refused() =>
        Assert.Throws<CorruptDataException>(() => Through(new FallbackMessage(
            A, true, new FallbackMessage(A, true, new StabilityPollMessage(A, 1, default, new VersionVector(), false, false, 0)))));

    private static WriteRequest Request(bool sloppy) =>
        new() { Key = Trio.Key("k"), Operation = new CounterIncrement(1), Required = 2, Sloppy = sloppy, DeadlineMs = Now + 1_000 };

    private static PeerMessage Through(PeerMessage message)
    {
        var writer = new ByteWriter();
        message.Encode(writer);
        var reader = new ByteReader(writer.Written);
        return PeerMessage.Decode(ref reader);
    }

    private FallbackReplica Start(long maxBytes = 1_000_000) =>
        new(new ReplicaId(4), Self, Owners, [Self, FallbackPeer], new ReplicaSettings { StandInMaxBytes = maxBytes }, _effects);

    private static void Hold(FallbackReplica fallback, params ReplicaEvent[] events) =>
        fallback.Handle(Owners[0], ByOwner(new HintMessage(A, new VersionVector(), [.. events.Select(one => one.Encoded)])), Now);

    private ReplicaEvent Make()
    {
        var context = new UpdateContext(A, _clock, new HybridTimestamp(5), OperationId.None);
        var changes = KeyMutation.Operate(Trio.Key("k"), new SetAdd([Bytes.FromText($"e{_made.Count}")]), null, context);
        var made = ReplicaEvent.Create(context, [changes], new ByteWriter());
        _clock.Advance(A, made.Last.Sequence);
        _made.Add(made);
        return made;
    }

    private static VersionVector Clock(long upTo)
    {
        var clock = new VersionVector();
        clock.Advance(A, upTo);
        return clock;
    }

    private static FallbackMessage ByOwner(PeerMessage said) => new(A, IsForFallback: true, said);

    private PeerMessage Said() => Assert.IsType<FallbackMessage>(_effects.Sent[^1].Message).Inner;

    private HintAckMessage Told() => Assert.IsType<HintAckMessage>(Said());
}

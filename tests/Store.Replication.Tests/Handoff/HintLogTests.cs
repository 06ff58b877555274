using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.Handoff;

public sealed class HintLogTests
{
    private static readonly NodeId[] Owners = OwnerParts.Owners;
    private static readonly ReplicaEvent[] Made =
        [.. Enumerable.Range(0, 3).Select(static i => Make(A, i == 0 ? Clock() : Clock((A, i)), "cart", "apple", default))];

    private readonly RecordingEffects _effects = new();
    private HintLog _hints;

    public HintLogTests() => _hints = Start();

    [Fact]
    public void What_comes_after_a_gap_is_not_taken()
    {
        Assert.Equal((true, HintAckFlags.Gap), Take(Made[0], Made[2]));
        Assert.Equal((true, HintAckFlags.None), Take(Made[0], Made[1], Made[2]));
        Assert.Equal((false, HintAckFlags.None), Take(Made));
        Assert.Equal(Clock((A, 3)), _hints.Latest());
    }

    [Fact]
    public void A_hint_is_held_once_it_is_on_disk_and_only_then_given_to_an_owner()
    {
        Take(Made[0], Made[1]);
        _hints.Persisted(_effects.Journal[0].Position);
        Assert.Equal(1, _hints.Durable[A]);
        Assert.Equal([Made[0].Encoded], Missing(isForOwner: true));
        Assert.Equal(2, Missing(isForOwner: false).Count);
    }

    [Fact]
    public void What_every_owner_has_on_disk_is_forgotten_and_an_empty_log_needs_no_journal()
    {
        Take(Made[0], Made[1]);
        Note(0, 2);
        Note(1, 2);
        Assert.Equal(2, Missing(isForOwner: false).Count);
        Note(2, 1);
        Assert.Equal([Made[1].Encoded], Missing(isForOwner: false));
        Note(2, 2);
        Assert.Equal((0, (byte)JournalRecordKind.Dropped), (_hints.Bytes, _effects.Journal[^1].Record[0]));
    }

    [Fact]
    public void What_an_earlier_incarnation_of_an_owner_had_does_not_count()
    {
        Take(Made[0]);
        Note(0, 1);
        Note(1, 1);
        Note(0, 0, incarnation: 0xa2);
        Note(2, 1);
        Assert.Single(Missing(isForOwner: false));
    }

    [Fact]
    public void At_its_budget_it_forgets_what_a_majority_has_on_disk_and_otherwise_takes_no_more()
    {
        _hints = Start(Made[0].Encoded.Length + Made[1].Encoded.Length);
        Assert.Equal((true, HintAckFlags.Full), Take(Made));
        Note(0, 1);
        Assert.Equal((false, HintAckFlags.Full), Take(Made));
        Note(1, 1);
        Assert.Equal((true, HintAckFlags.None), Take(Made));
        Assert.Equal([Made[1].Encoded, Made[2].Encoded], Missing(isForOwner: false));
    }

    [Fact]
    public void Recovery_gives_back_what_was_held_and_a_record_of_all_voids_what_lies_before()
    {
        Take(Made);
        for (var i = 0; i < 3; i++) Note(i, 1);
        _hints.Rewrite();
        var again = Start();
        foreach (var (record, _) in _effects.Journal.ToArray()) again.Recover(record);
        Assert.Equal((_hints.Bytes, 3), (again.Bytes, again.Durable[A]));
        Assert.Throws<CorruptDataException>(() => again.Recover([(byte)JournalRecordKind.Slots]));
    }

    private HintLog Start(long maxBytes = 1_000_000)
    {
        var hints = new HintLog(new ReplicaSettings { StandInMaxBytes = maxBytes }, _effects);
        hints.SetOwners(Owners);
        return hints;
    }

    private (bool IsAppended, HintAckFlags Flags) Take(params ReplicaEvent[] events) =>
        _hints.Take(new HintMessage(A, Clock(), [.. events.Select(static one => one.Encoded)]), taken: null);

    private void Note(int owner, long sequence, ulong incarnation = 0)
    {
        var durable = sequence == 0 ? Clock() : Clock((A, sequence));
        var sender = incarnation == 0 ? OwnerParts.Ids[owner] : new ReplicaId(incarnation);
        Assert.True(_hints.Note(Owners[owner], new ClocksMessage(sender, durable, durable, AnswerWanted: false, Trio.Now)));
    }

    private List<byte[]> Missing(bool isForOwner)
    {
        var missing = new List<byte[]>();
        _hints.CollectMissing(Clock(), isForOwner, missing);
        return missing;
    }
}

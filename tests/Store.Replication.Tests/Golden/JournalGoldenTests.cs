using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using Gossipdb.Testing;
using static Gossipdb.Replication.Tests.Golden.GoldenSamples;

namespace Gossipdb.Replication.Tests.Golden;

/// <summary>
/// What replicas and fallback nodes write to the journal. The samples come from replicas that run, so that they are what is on disks.
/// </summary>
public sealed class JournalGoldenTests
{
    private static readonly GoldenFile OfReplicas = new(
        "journal-replica.txt",
        """
        Records that a replica writes to its partition's journal. The first byte is the kind (JournalRecordKind).
        Version: that of the kind Event is the event's (see events.txt), the other kinds have none. A new form of a record gets a new kind.
        On disk several records share one persisted record, which has a version (tests/Store.Node.Tests/Golden/journal.txt).
        """);

    private static readonly GoldenFile OfFallbacks = new(
        "journal-fallback.txt",
        """
        Records that a fallback node writes to its log of hints. The first byte is the kind (JournalRecordKind).
        Version: the events in them have one (see events.txt), the records have none. A new form of a record gets a new kind.
        On disk several records share one persisted record, which has a version (tests/Store.Node.Tests/Golden/journal.txt).
        """);

    private readonly RecordingEffects _effects = new();

    [Fact]
    public void Records_of_replicas_are_encoded_as_approved()
    {
        var head = new ImageHead(Clock((A, 300)), Stable, Clock((B, 2)), Fallbacks, new HybridTimestamp(0x0102_0304_0506_0708), Clock());
        var slice = Written(writer => ImageSlice.Write(writer, Key("k"), Entry(), Clock()));
        OfReplicas.Check(
        [
            ("event", Event(kind: ChangeKind.Create, operation: Named).Encoded),
            ("image slice", ImageStage.SliceRecord(new ByteWriter(), 0x5e55, 300, slice)),
            ("image slice: nothing", ImageStage.SliceRecord(new ByteWriter(), 0x5e55, 0, [])),
            ("image join", ImageStage.JoinRecord(new ByteWriter(), 0x5e55, head)),
            ("slots", TableWrittenAfter(TableRecord(Holders, Fallbacks))),
            ("slots: as the partition began", TableWrittenAfter(TableRecord(SlotHolder.Founding(Owners), FallbackMembership.Empty))),
            ("served", ServedRecords().Single()),
            ("dropped", [(byte)JournalRecordKind.Dropped]),
            ("damaged", DamagedAgain([(byte)JournalRecordKind.Damaged, .. "why"u8])),
        ]);
    }

    [Fact]
    public void Approved_records_of_replicas_are_read_and_written_again() => OfReplicas.CheckDecoding(
        (_, bytes) => (JournalRecordKind)bytes[0] switch
        {
            JournalRecordKind.Event => Again(ReplicaEvent.Decode(bytes)),
            JournalRecordKind.ImageSlice => SliceAgain(bytes),
            JournalRecordKind.ImageJoin => JoinAgain(bytes),
            JournalRecordKind.Slots => TableWrittenAfter(bytes),
            JournalRecordKind.Served => ServedAgain(bytes),
            JournalRecordKind.Dropped => DroppedAgain(bytes),
            JournalRecordKind.Damaged => DamagedAgain(bytes),
            var kind => throw new CorruptDataException($"a replica's journal holds a record of kind {kind}"),
        });

    [Fact]
    public void Records_of_fallback_nodes_are_encoded_as_approved()
    {
        var fallback = StartFallback();
        Hold(fallback, Event(), EventOfAnother());
        var held = _effects.Journal[0].Record;
        fallback.Rewrite();
        var all = _effects.Journal[^1].Record;
        foreach (var owner in Owners) Tell(fallback, owner, new ReplicaId((ulong)owner.Value), Clock((A, 5), (B, 3)));
        OfFallbacks.Check([("held", held), ("all that is held", all), ("dropped", _effects.Journal[^1].Record)]);
    }

    [Fact]
    public void Approved_records_of_fallback_nodes_are_read_and_written_again() => OfFallbacks.CheckDecoding((_, bytes) =>
    {
        var fallback = StartFallback();
        switch ((JournalRecordKind)bytes[0])
        {
            case JournalRecordKind.Held:
                fallback.Recover(bytes);
                Assert.True(fallback.HeldBytes > 0);
                Hold(StartFallback(), ReplicaEvent.Decode(Again(ReplicaEvent.Decode(bytes[1..]))));
                return _effects.Journal[^1].Record;
            case JournalRecordKind.HeldAll:
                fallback.Recover(bytes);
                fallback.Rewrite();
                return _effects.Journal[^1].Record;
            case JournalRecordKind.Dropped:
                Hold(fallback, Event());
                fallback.Recover(bytes);
                Assert.Equal(0, fallback.HeldBytes);
                return bytes;
            default:
                throw new CorruptDataException($"record kind {bytes[0]} in the journal of a fallback node");
        }
    });

    [Fact]
    public void Every_kind_of_record_is_in_a_file() => Assert.Equal(
        Enum.GetValues<JournalRecordKind>(),
        OfReplicas.Bytes.Concat(OfFallbacks.Bytes).Select(line => (JournalRecordKind)line.Bytes[0]).Distinct().Order());

    private static Replica StartReplica(RecordingEffects effects) =>
        new(A, Owners[0], SlotHolder.Founding(Owners), Owners, new ReplicaSettings(), effects);

    private static byte[] TableRecord(SlotHolder[] table, FallbackMembership fallbacks) => Written(writer =>
    {
        writer.WriteByte((byte)JournalRecordKind.Slots);
        SlotHolder.Encode(writer, table);
        fallbacks.Encode(writer);
    });

    // A snapshot begins with the holders, where the journal has told of them.
    private static byte[] TableWrittenAfter(byte[] record)
    {
        var effects = new RecordingEffects();
        var replica = StartReplica(effects);
        replica.Recover(record);
        Assert.Null(replica.BeginSnapshot());
        return effects.Journal[0].Record;
    }

    private static byte[] SliceAgain(byte[] record)
    {
        var reader = new ByteReader(record.AsSpan(1));
        var (session, index) = (reader.ReadFixed64(), (int)reader.ReadVarint());
        return ImageStage.SliceRecord(new ByteWriter(), session, index, record.AsSpan(record.Length - reader.Remaining));
    }

    private static byte[] JoinAgain(byte[] record)
    {
        var reader = new ByteReader(record.AsSpan(1));
        var (session, head) = (reader.ReadFixed64(), ImageHead.Decode(ref reader));
        reader.ExpectEnd();
        return ImageStage.JoinRecord(new ByteWriter(), session, head);
    }

    private static byte[] ServedAgain(byte[] record)
    {
        // A replica whose journal says that it has served does not say so again.
        Assert.Empty(ServedRecords(record));
        return record;
    }

    private static List<byte[]> ServedRecords(params byte[][] journal)
    {
        var trio = new Trio();
        trio.Restart(0, journal);
        Assert.True(trio.RunUntil(() => trio.Replicas[0].ServingState == ServingState.Serving));
        return [.. trio.Effects[0].Journal.Select(written => written.Record).Where(record => record[0] == (byte)JournalRecordKind.Served)];
    }

    // It says so again at every start, until it is mended.
    private static byte[] DamagedAgain(byte[] record)
    {
        var trio = new Trio();
        trio.Restart(0, [record]);
        return trio.Effects[0].Journal.Select(written => written.Record).Single(made => made[0] == (byte)JournalRecordKind.Damaged);
    }

    private static byte[] DroppedAgain(byte[] record)
    {
        var layout = new PartitionLayout(Owners, null, [], IsFirst: true);
        var host = new PartitionHost(Owners[0], layout, new ReplicaSettings(), new RecordingShell());
        host.Recover([(byte)JournalRecordKind.Served]);
        Assert.NotNull(host.Replica);
        host.Recover(record);
        Assert.Null(host.Replica);
        return record;
    }

    private FallbackReplica StartFallback() => new(B, new(4), Owners, [new(4), new(5)], new ReplicaSettings(), _effects);

    private static void Hold(FallbackReplica fallback, params ReplicaEvent[] events) => fallback.Handle(
        Owners[0],
        new FallbackMessage(A, true, new HintMessage(A, Clock((A, 4), (B, 2)), [.. events.Select(one => one.Encoded)])),
        Trio.Now);

    private static void Tell(FallbackReplica fallback, NodeId from, ReplicaId replica, VersionVector durable) => fallback.Handle(
        from, new FallbackMessage(replica, true, new ClocksMessage(replica, durable, durable, false, Trio.Now)), Trio.Now);
}

using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Tests.Images;

public sealed class ImageTests
{
    private static readonly ReplicaSettings Small = new() { EventLogMaxBytes = 500, ImageSliceBytes = 200, ImageFinalBytes = 300 };
    private readonly Trio _trio = new(Small);

    [Fact]
    public void Who_lacks_more_than_the_log_reaches_back_to_takes_an_image_of_what_changed()
    {
        for (var i = 0; i < 5; i++) Do(0, Trio.Add($"old-{i}", "x", required: 1));
        Assert.True(_trio.RunUntil(() => _trio.AreEqual));
        for (var i = 0; i < 50; i++) Do(0, Trio.Add($"key-{i}", "x", required: 1), lost: ToThird);

        var slices = new List<ImageSliceMessage>();
        Assert.True(_trio.RunUntil(() => _trio.AreEqual, (_, _, message) => Note(message, slices)));
        Assert.True(slices.Count > 5, $"{slices.Count} slices");
        Assert.DoesNotContain(slices, slice => Mentions(slice, "old-"));
        Assert.Equal(["x"], _trio.Elements(2, "key-49"));
        Assert.True(_trio.Replicas[0].Inspection.LogBytes <= 500);
    }

    [Fact]
    public void Writes_between_the_slices_leave_one_consistent_cut()
    {
        for (var i = 0; i < 60; i++) Do(0, Trio.Add($"key-{i}", "x", required: 1), lost: ToThird);
        var written = 0;
        Assert.True(_trio.RunUntil(() => written >= 30 && _trio.AreEqual, (from, _, message) =>
        {
            if (message is not ImageSliceMessage || from != 0 || written >= 30) return false;

            // The source changes keys it has sent, makes new ones and deletes.
            _trio.Execute(0, Trio.Add($"key-{written % 60}", $"y{written}", required: 1));
            _trio.Execute(0, Trio.Add($"new-{written}", "z", required: 1));
            _trio.Execute(
                0, new WriteRequest { Key = Trio.Key($"key-{59 - written}"), Operation = null, Required = 1, DeadlineMs = long.MaxValue });
            written++;
            return false;
        }));
    }

    [Fact]
    public void An_image_that_did_not_end_before_the_crash_is_not_there_after_it()
    {
        for (var i = 0; i < 40; i++) Do(0, Trio.Add($"key-{i}", "x", required: 1), lost: ToThird);
        Assert.True(_trio.RunUntil(() => _trio.Effects[2].Journal.Any(record => Kind(record.Record) == JournalRecordKind.ImageJoin)));
        var records = _trio.Effects[2].Journal.Select(record => record.Record).ToList();
        var join = records.FindIndex(record => Kind(record) == JournalRecordKind.ImageJoin);

        var before = Recovered(records.Take(join));
        Assert.Equal(0, before.Keys.Count);
        Assert.Equal(new VersionVector(), before.Applied);
        var after = Recovered(records);
        Assert.Equal(_trio.Replicas[2].Keys.Digest(), after.Keys.Digest());
        Assert.Equal(_trio.Replicas[2].Applied, after.Durable);
    }

    [Fact]
    public void What_lies_before_a_snapshot_can_be_cut_off()
    {
        for (var i = 0; i < 60; i++) Do(0, Trio.Add($"key-{i % 20}", $"e{i}", required: 1));
        _trio.Replicas[0].BeginSnapshot();
        var written = 0;
        Assert.True(_trio.RunUntil(() =>
        {
            if (_trio.Replicas[0].Inspection.IsSnapshotting)
                _trio.Execute(0, Trio.Add($"key-{written}", $"during-{written++}", required: 1));
            return !_trio.Replicas[0].Inspection.IsSnapshotting && _trio.AreEqual;
        }));
        Do(0, Trio.Add("key-1", "after", required: 1));

        var needs = new JournalNeeds();
        var journal = _trio.Effects[0].Journal;
        foreach (var (record, position) in journal) needs.Note(position, record);
        var left = journal.Where(record => record.Position >= needs.NeededFrom).Select(record => record.Record).ToList();
        Assert.True(written > 1 && needs.NeededFrom > 60, $"{written} writes meanwhile, needed from {needs.NeededFrom}");

        var recovered = Recovered(left);
        Assert.Equal(_trio.Replicas[0].Keys.Digest(), recovered.Keys.Digest());
        Assert.Equal(_trio.Replicas[0].Applied, recovered.Applied);
        var torn = new Replica(
            new ReplicaId(9_000), Trio.Owners[0], SlotHolder.Founding(Trio.Owners), Trio.Owners, Small, new RecordingEffects());
        foreach (var record in left.Where(record => Kind(record) != JournalRecordKind.ImageJoin)) torn.Recover(record);
        torn.RecoveryEnded(Trio.Now);
        Assert.Contains("something between is missing", torn.NotServingBecause, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lost_slice_is_asked_for_again()
    {
        for (var i = 0; i < 40; i++) Do(0, Trio.Add($"key-{i}", "x", required: 1), lost: ToThird);
        var seen = 0;
        Assert.True(_trio.RunUntil(() => _trio.AreEqual, (_, _, message) => message is ImageSliceMessage && ++seen % 3 == 0));
        Assert.True(seen > 6);
    }

    private void Do(int node, ClientRequest request, Func<int, NodeId, PeerMessage, bool>? lost = null)
    {
        _trio.Execute(node, request);
        _trio.Deliver(lost);
    }

    private static bool ToThird(int from, NodeId to, PeerMessage message) => to.Value == 3;

    private static JournalRecordKind Kind(byte[] record) => (JournalRecordKind)record[0];

    private static bool Note(PeerMessage message, List<ImageSliceMessage> into)
    {
        if (message is ImageSliceMessage slice) into.Add(slice);
        return false;
    }

    private static bool Mentions(ImageSliceMessage slice, string text) =>
        slice.Slice.Span.IndexOf(System.Text.Encoding.UTF8.GetBytes(text)) >= 0;

    private static Replica Recovered(IEnumerable<byte[]> records)
    {
        var replica = new Replica(
            new ReplicaId(9_000), Trio.Owners[2], SlotHolder.Founding(Trio.Owners), Trio.Owners, Small, new RecordingEffects());
        foreach (var record in records) replica.Recover(record);
        replica.RecoveryEnded(Trio.Now);
        return replica;
    }
}

using System.Text;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Membership;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Golden;

/// <summary>What a node keeps on its disk beside the records of its partitions, and what it gossips of the layout.</summary>
public sealed class DiskGoldenTests
{
    private static readonly GoldenFile Journal = new(
        "journal.txt",
        """
        Persisted records of a node's journal: records of partitions, in the order they were appended. Numbers from the number of
        partitions on are fallback nodes' logs of hints. Version: the first byte (JournalRecord). Behind it a directory with checksums.
        The records of the partitions are in tests/Store.Replication.Tests/Golden.
        """);

    private static readonly GoldenFile Layouts = new(
        "layouts.txt",
        """
        The layout, as JSON: in layout.json of a data directory, in Akka's distributed data and in answers to the layout commands.
        Version: the field Format. Readers skip fields they do not know.
        """);

    private static readonly GoldenFile StagedLayouts = new(
        "staged-layouts.txt",
        """
        Staged changes of the layout, as JSON, in Akka's distributed data.
        Version: the field Format. Readers skip fields they do not know.
        """);

    private static readonly Member[] Members =
        [new(new NodeId(1), "h", 5, "http://h:6"), new(new NodeId(2), Capacity: 3, Zone: "z"), new(new NodeId(300), Capacity: 0)];

    private static readonly LostNode[] Lost = [new(new NodeId(5), AcceptsLoss: false), new(new NodeId(7), AcceptsLoss: true)];

    [Fact]
    public void Persisted_records_are_encoded_as_approved() => Journal.Check(
    [
        ("nothing", Record()),
        ("one record", Record((0, [1, 2, 3]))),
        ("several, of large numbers and without bytes", Record((0, [1, 2, 3]), (300, []), (int.MaxValue, [0xFF]))),
    ]);

    [Fact]
    public void Approved_persisted_records_are_read_and_written_again() =>
        Journal.CheckDecoding((_, bytes) =>
        {
            var entries = new List<JournalRecord.Entry>();
            Assert.True(JournalRecord.TryDecode(bytes, entries));
            return Record([.. entries.Select(entry => (entry.Journal, entry.Encoded!))]);
        });

    [Fact]
    public void Layouts_are_encoded_as_approved() => Layouts.Check(
    [
        ("founded", Text(LayoutFile.Encode(Layout.Found(2, 2, Members)))),
        ("changed", Text(LayoutFile.Encode(Layout.Found(2, 2, Members).With([.. Members, new(new NodeId(4))])))),
        ("with lost nodes", Text(LayoutFile.Encode(Layout.Found(2, 2, Members).WithLost(Lost)))),
    ]);

    [Fact]
    public void Approved_layouts_are_read_and_written_again() => Assert.All(
        Layouts.Lines, line => Assert.Equal(line.Value, Text(LayoutFile.Encode(LayoutFile.Decode(Encoding.UTF8.GetBytes(line.Value))))));

    [Fact]
    public void Staged_layouts_are_encoded_as_approved() => StagedLayouts.Check(
    [
        ("members", Text(LayoutFile.EncodeStaged(new StagedLayout(2, Members)))),
        ("with lost nodes", Text(LayoutFile.EncodeStaged(new StagedLayout(3, Members) { Lost = Lost }))),
    ]);

    [Fact]
    public void Approved_staged_layouts_are_read_and_written_again() => Assert.All(
        StagedLayouts.Lines,
        line => Assert.Equal(line.Value, Text(LayoutFile.EncodeStaged(LayoutFile.DecodeStaged(Encoding.UTF8.GetBytes(line.Value))))));

    private static string Text(byte[] json) => Encoding.UTF8.GetString(json);

    private static byte[] Record(params (int Partition, byte[] Encoded)[] records)
    {
        var record = new JournalRecord.Builder();
        foreach (var (partition, encoded) in records) record.Add(partition, encoded);
        return record.Make();
    }
}

using System.Globalization;
using System.Text;
using Gossipdb.Replication.Placement;
using Gossipdb.Testing;

namespace Gossipdb.Replication.Tests.Golden;

/// <summary>
/// What every process computes for itself and all have to agree on, whatever their versions: it is in no message and in no file, and has
/// to be the same all the same.
/// </summary>
public sealed class PlacementGoldenTests
{
    private static readonly Layout Four = Layout.Found(
        8,
        3,
        [
            new(new NodeId(1)), new(new NodeId(2), Capacity: 2), new(new NodeId(3), Zone: "z"), new(new NodeId(4), Capacity: 0),
            new(new NodeId(5)),
        ]);

    [Fact]
    public void Keys_are_where_they_were() => new GoldenFile(
        "partitions-of-keys.txt",
        """
        Which of 64 partitions a key is in: XxHash3 of the key, or of what stands between its first braces. Clients compute the same
        (tests/Store.Client.Tests/Golden).
        Version: none, and there can be none: data would have to move.
        """).Check(((string[])["", "k", "key-1", "key-2", "{tag}a", "{tag}b", "b{tag}", "{}x", "{open", "größe"])
            .Select(key => ($"'{key}'", Text(Partitioner.PartitionOf(Encoding.UTF8.GetBytes(key), 64)))));

    [Fact]
    public void Owners_and_stand_ins_are_who_they_were() => new GoldenFile(
        "placement.txt",
        """
        Who owns the partitions of a cluster that is founded with five nodes, and who stands in for them in which order.
        Version: that of the layout. Every node of a new cluster founds it for itself, and every node ranks stand-ins for itself.
        """).Check(Enumerable.Range(0, Four.Partitions).Select(partition => (
            $"partition {Text(partition)}",
            $"owners {string.Join(' ', Four.Owners(partition))}, stand-ins {string.Join(' ', Four.StandIns(partition))}")));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

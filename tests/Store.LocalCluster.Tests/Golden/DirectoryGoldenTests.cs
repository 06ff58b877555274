using System.Text.Json;

namespace Gossipdb.LocalCluster.Tests.Golden;

/// <summary>What a local cluster keeps in its directory, beside what its nodes do.</summary>
public sealed class DirectoryGoldenTests
{
    private static readonly GoldenFile Clusters = new(
        "local-clusters.txt",
        """
        What a local cluster was made with, as JSON: gossipdb-cluster.json in its directory.
        Version: none. Readers skip fields they do not know, and take 0 for those that are missing.
        """);

    [Fact]
    public void Local_clusters_are_kept_as_approved()
    {
        using var directory = new TemporaryDirectory();
        var samples = new List<(string, string)>();
        using (var cluster = ClusterDirectory.Open(directory.Path, _ => new ClusterShape(3, 2, 16), clean: false))
        {
            samples.Add(("as founded", Marker(directory)));
            cluster.Grow(5);
            samples.Add(("with more nodes", Marker(directory)));
        }

        Clusters.Check(samples);
    }

    [Fact]
    public void Approved_local_clusters_are_read_and_written_again() =>
        Assert.All(
            Clusters.Lines,
            line => Assert.Equal(line.Value, JsonSerializer.Serialize(JsonSerializer.Deserialize<ClusterShape>(line.Value))));

    private static string Marker(TemporaryDirectory directory) => File.ReadAllText(Path.Combine(directory.Path, "gossipdb-cluster.json"));
}

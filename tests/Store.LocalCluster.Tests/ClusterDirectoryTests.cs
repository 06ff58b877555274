using System.Net;
using System.Net.Sockets;

namespace Gossipdb.LocalCluster.Tests;

public sealed class ClusterDirectoryTests : IDisposable
{
    private static readonly ClusterShape Three = new(3, 3, 64);

    private readonly string _root = Directory.CreateTempSubdirectory("gossipdb-test-").FullName;

    private string Data => Path.Combine(_root, "data");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void It_is_made_and_taken_again_for_the_same_cluster()
    {
        Open().Dispose();

        using var again = ClusterDirectory.Open(Data, static made => made!, clean: false);

        Assert.Equal(Three, again.Shape);
    }

    [Fact]
    public void It_serves_one_cluster_at_a_time()
    {
        using var first = Open();

        Assert.Contains(
            "in use by another running cluster", Refused(() => Open(), LocalClusterProblem.DirectoryInUse), StringComparison.Ordinal);
    }

    [Fact]
    public void It_serves_no_other_cluster()
    {
        Open().Dispose();

        const string Said = " was made with 3 nodes, replication 3 and 64 partitions";
        Assert.EndsWith(Said, Refused(() => Open(shape: new(5, 2, 64)), LocalClusterProblem.OtherShape), StringComparison.Ordinal);
        Assert.EndsWith(Said, Refused(() => Open(shape: new(2, 2, 64)), LocalClusterProblem.OtherShape), StringComparison.Ordinal);
    }

    [Fact]
    public void It_serves_the_same_cluster_with_more_nodes()
    {
        Open().Dispose();
        using (var larger = Open(shape: new(5, 3, 64))) Assert.Equal((5, 3), (larger.Shape.Nodes, larger.Founders));
        using var same = Open(shape: new(5, 3, 64));
        Assert.Equal((5, 3), (same.Shape.Nodes, same.Founders));
    }

    [Fact]
    public void Its_secret_is_drawn_once_and_for_its_owner_alone()
    {
        string secret;
        using (var first = Open())
        {
            var path = first.Secret();
            secret = File.ReadAllText(path);
            Assert.InRange(secret.TrimEnd().Length, 32, 100);
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }

        using (var again = Open()) Assert.Equal(secret, File.ReadAllText(again.Secret()));
        using var cleaned = Open(clean: true);
        Assert.NotEqual(secret, File.ReadAllText(cleaned.Secret()));
    }

    [Fact]
    public void Cleaning_deletes_what_a_cluster_made_and_nothing_else()
    {
        Open().Dispose();
        string[] ours = [Path.Combine(Data, "node-1", "journal.db"), Path.Combine(Data, "node-1.conf")];
        string[] others = [Path.Combine(Data, "node-notes", "x"), Path.Combine(Data, "notes.txt")];
        foreach (var file in ours.Concat(others))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, "");
        }

        Open(shape: new(5, 3, 64), clean: true).Dispose();

        Assert.All(ours, static file => Assert.False(File.Exists(file)));
        Assert.All(others, static file => Assert.True(File.Exists(file)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_directory_of_somebody_else_is_left_alone(bool clean)
    {
        var file = Path.Combine(Data, "node-1", "precious");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "");

        Assert.Contains(
            "holds no local cluster", Refused(() => Open(clean: clean), LocalClusterProblem.DirectoryUnusable), StringComparison.Ordinal);
        Assert.True(File.Exists(file));
    }

    [Fact]
    public void A_damaged_marker_is_said_to_be_damaged()
    {
        Open().Dispose();
        File.WriteAllText(Path.Combine(Data, "gossipdb-cluster.json"), "{");

        Assert.Contains("is damaged", Refused(() => Open()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_in_use_is_named()
    {
        var nodes = ClusterAddresses.Free(3);
        using var listener = new TcpListener(IPAddress.Loopback, nodes[1].PeerPort);
        listener.Start();

        var said = Refused(() => ClusterAddresses.At(nodes[0].ClientPort, 3), LocalClusterProblem.PortInUse);

        Assert.Equal($"port {nodes[1].PeerPort} is in use (the peer port of node 2)", said);
    }

    [Theory]
    [InlineData(null, null, 3, 3, 64)]
    [InlineData(1, null, 1, 1, 64)]
    [InlineData(5, null, 5, 3, 64)]
    [InlineData(5, 5, 5, 5, 64)]
    public void A_new_cluster_has_sensible_defaults(
        int? nodes, int? replication, int expectedNodes, int expectedReplication, int expectedPartitions)
    {
        var options = new LocalClusterOptions { DataDirectory = Data, Nodes = nodes, Replication = replication };

        Assert.Equal(new ClusterShape(expectedNodes, expectedReplication, expectedPartitions), options.ShapeOn(null));
    }

    [Fact]
    public void A_cluster_started_again_is_the_one_it_was() =>
        Assert.Equal(new ClusterShape(5, 2, 16), new LocalClusterOptions { DataDirectory = Data }.ShapeOn(new ClusterShape(5, 2, 16)));

    [Fact]
    public void A_node_gets_its_own_ports_and_everybody_the_same_list()
    {
        NodeAddress[] nodes = [new(1, 5101, 5201, 5301), new(2, 5102, 5202, 5302)];

        using var directory = ClusterDirectory.Open(
            Path.Combine(Data, OperatingSystem.IsWindows() ? "x" : "\"x\""), static _ => new ClusterShape(2, 2, 64), clean: false);

        var text = NodeConfig.Text(
            nodes[1], nodes, directory.Shape, directory, joins: false, "/data/secret", takesOrders: true, ["gossipdb.log.level = debug"]);

        var settings = Akka.Configuration.ConfigurationFactory.ParseString(text).GetConfig("gossipdb");
        Assert.Equal(2, settings.GetInt("node.id"));
        Assert.Equal(directory.DataOf(2), settings.GetString("node.data-dir"));
        Assert.Equal(directory.ControlFile, settings.GetString("lab.control-file"));
        Assert.Equal(
            (5102, 5202, 5302),
            (settings.GetInt("node.client-port"), settings.GetInt("node.http-port"), settings.GetInt("node.peer-port")));
        Assert.Equal(
            ["1 127.0.0.1:5301 http://127.0.0.1:5101", "2 127.0.0.1:5302 http://127.0.0.1:5102"], settings.GetStringList("cluster.nodes"));
        Assert.Equal(("debug", "/data/secret"), (settings.GetString("log.level"), settings.GetString("cluster.secret-file")));
    }

    private ClusterDirectory Open(ClusterShape? shape = null, bool clean = false) =>
        ClusterDirectory.Open(Data, _ => shape ?? Three, clean);

    private static string Refused(Func<object> action, LocalClusterProblem expected = LocalClusterProblem.Other)
    {
        var problem = Assert.Throws<LocalClusterException>(action);
        Assert.Equal(expected, problem.Problem);
        Assert.DoesNotContain("--", problem.Message, StringComparison.Ordinal);
        return problem.Message;
    }
}

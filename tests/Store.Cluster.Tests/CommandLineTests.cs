using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Gossipdb.Cluster.Tests;

[Collection(SharedCluster.Name)]
public sealed class CommandLineTests(SharedCluster shared) : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("gossipdb-cli-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_demo_ends_well()
    {
        var (exitCode, output, error) = await Programs.RunAsync(Programs.Gossipdb, "demo");
        Assert.True(exitCode == 0, output + error);
        Assert.Contains("Every acked write is there, and all replicas agree.", output);
    }

    [Fact]
    public async Task The_quickstart_and_the_shell_see_the_same_data()
    {
        var cluster = await shared.WholeAsync();
        var endpoint = cluster.Local.Nodes[0].Endpoint;
        var (exitCode, output, error) = await Programs.RunAsync(Programs.Quickstart, endpoint);
        Assert.True(exitCode == 0, output + error);
        Assert.Contains("cart:42 holds apple, fig.", output);

        var members = await Programs.RunAsync(Programs.Gossipdb, "set", "members", "cart:42", "--endpoint", endpoint);
        Assert.Equal((0, "apple\nfig\n"), (members.ExitCode, members.Output));
        var json = await Programs.RunAsync(Programs.Gossipdb, "status", "--json", "--endpoint", endpoint);
        Assert.Equal(3, JsonDocument.Parse(json.Output).RootElement.GetProperty("nodes").GetArrayLength());
        var inspected = await Programs.RunAsync(Programs.Gossipdb, "inspect", "cart:42", "--endpoint", endpoint);
        Assert.Contains("apple", inspected.Output);

        var wrongType = await Programs.RunAsync(Programs.Gossipdb, "counter", "incr", "cart:42", "--endpoint", endpoint);
        Assert.NotEqual(0, wrongType.ExitCode);
        AssertOneLine(wrongType.Error, "holds a Set, not a Counter");
    }

    [Theory]
    [InlineData("gossipdb.limits.key = many", "gossipdb.limits.key")]
    [InlineData("gossipdb.limits.kye = 1KiB", "gossipdb.limits.kye")]
    [InlineData("gossipdb.node.peer-port = 1", "gossipdb.node.peer-port")]
    public async Task A_wrong_setting_is_one_line_that_names_it(string line, string key)
    {
        var (exitCode, _, error) = await Programs.RunAsync(Programs.Gossipdb, "node", "--config", Configuration(line));
        Assert.NotEqual(0, exitCode);
        AssertOneLine(error, key);
    }

    [Fact]
    public async Task A_port_in_use_is_one_line_that_names_it()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var (exitCode, _, error) = await Programs.RunAsync(
            Programs.Gossipdb, "node", "--config", Configuration($"gossipdb.node.client-port = {port}"));
        Assert.NotEqual(0, exitCode);
        AssertOneLine(error, $"port {port}");
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_used_is_one_line_that_names_it()
    {
        var file = Path.Combine(_directory, "file");
        await File.WriteAllTextAsync(file, "not a directory");
        var (exitCode, _, error) = await Programs.RunAsync(
            Programs.Gossipdb, "node", "--config", Configuration($"gossipdb.node.data-dir = \"{file}/data\""));
        Assert.NotEqual(0, exitCode);
        AssertOneLine(error, "gossipdb.node.data-dir");
    }

    [Fact]
    public async Task An_endpoint_without_a_node_is_one_line_that_names_it()
    {
        var (exitCode, _, error) = await Programs.RunAsync(Programs.Gossipdb, "counter", "get", "x", "--endpoint", "http://127.0.0.1:1");
        Assert.NotEqual(0, exitCode);
        AssertOneLine(error, "http://127.0.0.1:1");
    }

    [Fact]
    public async Task An_unknown_command_is_one_line_that_names_it()
    {
        var (exitCode, _, error) = await Programs.RunAsync(Programs.Gossipdb, "statsu");
        Assert.NotEqual(0, exitCode);
        AssertOneLine(error, "statsu");
    }

    private static void AssertOneLine(string error, string containing)
    {
        Assert.Contains(containing, error);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    private string Configuration(string line)
    {
        var path = Path.Combine(_directory, "node.conf");
        File.WriteAllText(path, $"""
            gossipdb.node.id = 1
            gossipdb.node.data-dir = "{_directory}/data"
            gossipdb.node.stop-with-parent = on
            gossipdb.cluster.nodes = ["1 127.0.0.1:5301 http://127.0.0.1:5101"]
            {line}

            """);
        return path;
    }
}

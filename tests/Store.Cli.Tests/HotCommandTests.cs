using System.Text.Json.Nodes;
using Google.Protobuf;
using Gossipdb.Protocol;
using static Gossipdb.Cli.Tests.CommandLineOutput;

namespace Gossipdb.Cli.Tests;

/// <summary><c>hot</c>, of what a node says.</summary>
public sealed class HotCommandTests(ScriptedNode node) : IClassFixture<ScriptedNode>
{
    [Fact]
    public async Task The_keys_with_their_bounds_and_what_can_be_done_about_a_heavy_one()
    {
        node.Hot = Skewed();
        node.Inspected = new InspectReply
        {
            Objects = { new InspectedObject { Type = Protocol.ValueType.Counter, Answers = true, Visible = true } },
        };

        var (exit, output, _) = await RunAsync("hot", "--timeout", "60s", "--endpoint", node.Endpoint);

        Assert.Equal(0, exit);
        Assert.StartsWith("100 calls/s in the last 100 s, coordinated by node 1;", output, StringComparison.Ordinal);
        Assert.Equal(["views", "0", "60", "40", "20", "60 %", "████████████████████"], Row(output, "views"));
        Assert.Equal(["a\\x00b", "0", "1–1.5", "0", "1", "1.0 %", "▍"], Row(output, "a\\x00b"));
        Assert.Contains("No key that is not listed gets more than 0.5 calls/s.", output, StringComparison.Ordinal);
        Assert.Contains("views takes 60 % of all calls. It is a counter:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_left_out_counts_in_the_bound_of_what_is_not_listed()
    {
        node.Hot = Skewed();

        var (_, output, _) = await RunAsync("hot", "--limit", "1", "--timeout", "60s", "--endpoint", node.Endpoint);

        Assert.DoesNotContain("a\\x00b", output, StringComparison.Ordinal);
        Assert.Contains("No key that is not listed gets more than 1.5 calls/s.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Partitions_and_JSON()
    {
        node.Hot = Skewed();

        var (_, output, _) = await RunAsync("hot", "--partitions", "--timeout", "60s", "--endpoint", node.Endpoint);
        var document = JsonNode.Parse((await RunAsync("hot", "--json", "--timeout", "60s", "--endpoint", node.Endpoint)).Output)!;

        Assert.Equal(["0", "1", "100", "60", "40", "0", "100 %", "████████████████████"], Row(output, "0"));
        Assert.Equal((100.0, 100.0), ((double)document["windowSeconds"]!, (double)document["callsPerSecond"]!));
        Assert.Equal(["views", "a\0b"], document["keys"]!.AsArray().Select(static key => (string)key!["key"]!));
        Assert.Equal((1.0, 1.5), ((double)document["keys"]![1]!["atLeastPerSecond"]!, (double)document["keys"]![1]!["atMostPerSecond"]!));
    }

    [Fact]
    public async Task Where_nothing_is_counted_or_asked_that_is_said()
    {
        node.Hot = new HotReply { Node = 1 };
        Assert.Equal(
            "gossipdb: nothing is counted there: gossipdb.hot-keys.enabled is off\n",
            (await RunAsync("hot", "--timeout", "60s", "--endpoint", node.Endpoint)).Error);

        node.Hot = new HotReply { Node = 1, Counting = true, WindowMs = 5_000 };
        Assert.Equal((0, "no key was asked for in the last 5 s\n"), await OutputAsync());

        async Task<(int Exit, string Output)> OutputAsync()
        {
            var (exit, output, _) = await RunAsync("hot", "--timeout", "60s", "--endpoint", node.Endpoint);
            return (exit, output);
        }
    }

    private static HotReply Skewed() => new()
    {
        Node = 1,
        Counting = true,
        WindowMs = 100_000,
        Keys =
        {
            new HotKey { Key = ByteString.CopyFromUtf8("views"), Length = 5, Partition = 0, AtMost = 6_010, Reads = 4_000, Writes = 2_000 },
            new HotKey { Key = ByteString.CopyFromUtf8("a\0b"), Length = 3, Partition = 0, AtMost = 150, Writes = 100 },
        },
        UnlistedAtMost = 50,
        Partitions = { new HotPartition { Partition = 0, Reads = 6_000, Writes = 4_000 } },
    };

    private static string[] Row(string output, string first) =>
    [
        .. output.Split('\n').Select(static line => line.Trim('│').Split('│'))
            .Single(cells => cells[0].Trim() == first)
            .Select(static cell => cell.Trim()),
    ];
}

using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Protocol;

namespace Gossipdb.Cli.Tests;

/// <summary>What <c>gossipdb layout</c> sends and prints.</summary>
public sealed class LayoutCommandTests(ScriptedNode node) : IClassFixture<ScriptedNode>
{
    [Fact]
    public async Task A_plan_shows_who_holds_what_now_and_then()
    {
        node.Layout = Staged();
        var (exit, output, _) = await RunAsync("layout", "plan");
        Assert.Equal(0, exit);
        Assert.Contains("layout version 4: 2 nodes, 64 partitions of 2 slots", output, StringComparison.Ordinal);
        Assert.Contains("staged: version 5 would move 64 of 128 slots", output, StringComparison.Ordinal);
        Assert.Contains("goes", Line(output, "h:5301"), StringComparison.Ordinal);
        Assert.Contains("64 (new)", Line(output, "h:5303"), StringComparison.Ordinal);
        Assert.Contains("attic", Line(output, "h:5302"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_has_the_same()
    {
        node.Layout = Staged();
        var document = JsonNode.Parse((await RunAsync("layout", "show", "--json")).Output)!;
        Assert.Equal((4, 64), ((int)document["version"]!, (int)document["stagedMoves"]!));
        Assert.Equal([2, 3], document["staged"]!.AsArray().Select(static member => (int)member!["node"]!));

        node.Layout = new LayoutReply { Version = 1, Partitions = 64, Replication = 1, Members = { Member(1, 64) } };
        Assert.Null(JsonNode.Parse((await RunAsync("layout", "show", "--json")).Output)!["staged"]);
    }

    [Fact]
    public async Task Each_change_says_what_it_says()
    {
        node.Layout = Staged();
        await RunAsync("layout", "add", "7", "--peer", "[::1]:5307", "--client", "http://h:5107", "--capacity", "2", "--zone", "cellar");
        Assert.Equal((7u, "[::1]", 5307u, "http://h:5107", 2u, "cellar"), Parts(node.Staged!.Add));

        await RunAsync("layout", "remove", "2");
        Assert.Equal(2u, node.Staged!.Remove);

        await RunAsync("layout", "replace", "2", "8", "--peer", "h:5308", "--client", "http://h:5108");
        Assert.Equal((2u, 8u, "h"), (node.Staged!.Replace.Old, node.Staged.Replace.New.Id, node.Staged.Replace.New.PeerHost));

        await RunAsync("layout", "remove", "2", "--force", "--accept-loss");
        Assert.Equal((2u, true, true), (node.Staged!.Remove, node.Staged.Force, node.Staged.AcceptLoss));
        await RunAsync("layout", "replace", "2", "8", "--peer", "h:5308", "--client", "http://h:5108", "--force");
        Assert.Equal((8u, true, false), (node.Staged!.Replace.New.Id, node.Staged.Force, node.Staged.AcceptLoss));

        // What a change leaves alone is what is staged, not what was before that.
        await RunAsync("layout", "set-zone", "2", "roof");
        Assert.Equal((2u, 3u, "roof"), (node.Staged!.Set.Id, node.Staged.Set.Capacity, node.Staged.Set.Zone));
        await RunAsync("layout", "set-capacity", "2", "0");
        Assert.Equal((2u, 0u, "attic"), (node.Staged!.Set.Id, node.Staged.Set.Capacity, node.Staged.Set.Zone));

        await RunAsync("layout", "reset");
        Assert.Equal(LayoutChange.ChangeOneofCase.Reset, node.Staged!.ChangeCase);
    }

    [Fact]
    public async Task A_plan_says_what_may_be_lost()
    {
        node.Layout = Staged();
        node.Layout.StagedLost.Add(new LostMember { Node = 2 });
        Assert.Contains(
            "writes that only it had on disk (acked with W=1) are lost",
            (await RunAsync("layout", "plan")).Output,
            StringComparison.Ordinal);
        node.Layout.StagedLost[0].AcceptsLoss = true;
        Assert.Contains("writes acked by a majority may be lost", (await RunAsync("layout", "plan")).Output, StringComparison.Ordinal);
        var document = JsonNode.Parse((await RunAsync("layout", "plan", "--json")).Output)!;
        Assert.True((bool)Assert.Single(document["stagedLost"]!.AsArray())!["acceptsLoss"]!);
    }

    [Fact]
    public async Task Applying_may_ask_for_a_version()
    {
        node.Layout = new LayoutReply { Version = 5, Partitions = 64, Replication = 1, Members = { Member(1, 64) } };
        var (exit, output, _) = await RunAsync("layout", "apply", "--version", "5");
        Assert.Equal((0, 5ul), (exit, node.Applied!.Version));
        Assert.Contains("applied: partitions move now", output, StringComparison.Ordinal);
        await RunAsync("layout", "apply");
        Assert.Equal(0ul, node.Applied!.Version);
    }

    [Theory]
    [InlineData("'5307' is no address; write host:port", "add", "7", "--peer", "5307", "--client", "http://h:5107")]
    [InlineData("--accept-loss goes with --force", "remove", "2", "--accept-loss")]
    [InlineData("node 5 is not in the layout", "set-zone", "5", "roof")]
    [InlineData("--capacity", "add", "7", "--peer", "h:1", "--client", "http://h:2", "--capacity", "0")]
    public async Task What_makes_no_sense_is_said(string says, params string[] words)
    {
        node.Layout = Staged();
        var (exit, _, error) = await RunAsync(["layout", .. words]);
        Assert.Equal((int)ExitCode.Usage, exit);
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    private static LayoutReply Staged() => new()
    {
        Version = 4,
        Partitions = 64,
        Replication = 2,
        Members = { Member(1, 64), Member(2, 64) },
        Staged = true,
        StagedMembers = { Member(2, 64, 3, "attic"), Member(3, 64) },
        StagedMoves = 64,
    };

    private static LayoutMember Member(uint id, uint slots, uint capacity = 1, string zone = "") => new()
    {
        Id = id,
        PeerHost = "h",
        PeerPort = 5300 + id,
        ClientEndpoint = $"http://h:{5100 + id}",
        Capacity = capacity,
        Zone = zone,
        Slots = slots,
    };

    private static (uint Id, string Host, uint Port, string Client, uint Capacity, string Zone) Parts(LayoutMember member) =>
        (member.Id, member.PeerHost, member.PeerPort, member.ClientEndpoint, member.Capacity, member.Zone);

    private static string Line(string output, string with) =>
        output.Split('\n').Single(line => line.Contains(with, StringComparison.Ordinal));

    private async Task<(int Exit, string Output, string Error)> RunAsync(params string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = await CommandLine.RunAsync(
            [.. words, "--endpoint", node.Endpoint],
            new Terminal(output, error, interactive: false),
            NoNode.Runner,
            CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }
}

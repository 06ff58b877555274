using System.Text.Json.Nodes;
using Gossipdb.Cli.Commands;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Tests;

public sealed class InspectTests(ScriptedNode node) : IClassFixture<ScriptedNode>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_key_that_every_node_refuses_is_an_error(bool json)
    {
        var (exit, output, error) = await RunAsync(["inspect", "", .. json ? ["--json"] : Array.Empty<string>()]);

        Assert.Equal((int)ExitCode.Refused, exit);
        if (json) Assert.Contains("the key is empty", (string)JsonNode.Parse(output)!["error"]!["message"]!, StringComparison.Ordinal);
        else Assert.Equal(("", "gossipdb: the key is empty\n"), (output, error));
    }

    [Fact]
    public async Task Nothing_is_known_of_a_key_where_no_owner_answers()
    {
        node.Inspected = new() { Node = 1, Owner = false };
        Assert.Equal((int)ExitCode.Unavailable, (await RunAsync("inspect", "k")).Exit);
        node.Inspected = new() { Node = 1, Owner = true };
        Assert.Equal(0, (await RunAsync("inspect", "k")).Exit);
    }

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

    [Fact]
    public void Replicas_that_agree_are_said_to() =>
        Assert.Equal("nodes 1, 2 agree: equal clocks, equal content", Verdict(Held(1, 5, "a"), Held(2, 5, "a")));

    [Fact]
    public void A_replica_behind_is_named_with_what_it_lacks() =>
        Assert.Equal(
            "the partition's clocks differ: node 2 lacks 3 of the others' changes; what they hold of this key differs",
            Verdict(Held(1, 5, "a"), Held(2, 2, "b")));

    [Fact]
    public void A_clock_can_differ_where_the_key_does_not() =>
        Assert.EndsWith("what they hold of this key is the same", Verdict(Held(1, 5, "a"), Held(2, 2, "a")), StringComparison.Ordinal);

    [Fact]
    public void Equal_clocks_with_different_content_are_an_alarm() =>
        Assert.Contains("this must never be", Verdict(Held(1, 5, "a"), Held(2, 5, "b")), StringComparison.Ordinal);

    [Fact]
    public void A_node_that_does_not_answer_is_no_agreement() =>
        Assert.EndsWith(
            "(no answer from nodes 3)", Verdict(Held(1, 5, "a"), new(3, null, new ConnectionException("gone"))), StringComparison.Ordinal);

    private static string Verdict(params NodeAnswer<Inspection>[] answers) => InspectCommand.Verdict(answers);

    private static NodeAnswer<Inspection> Held(int node, long sequence, string line) => new(node, new Inspection
    {
        Node = node,
        Owner = true,
        Clock = [new ClockEntry(7, sequence)],
        Objects = [new InspectedObject { Type = StoredType.Set, Visible = true, Lines = [line] }],
    }, null);
}

using System.Text.Json.Nodes;
using Gossipdb.Node.Cli;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Tests.Cli;

/// <summary>Batches, reads of several keys, and sessions that last over several runs.</summary>
public sealed class SeveralKeysCommandTests(ScriptedNode node) : IClassFixture<ScriptedNode>
{
    [Fact]
    public async Task A_batch_is_the_words_of_its_commands()
    {
        node.Answer("""{ "written": { } }""");
        var (exit, output, _) = await RunAsync("batch", "counter decr {c}total 3", "set add {c}items \"red pen\" ink", "delete {c}draft", "--expires", "2h");
        Assert.Equal((0, "ok, acked by node 1 (W=quorum-sloppy)\n"), (exit, output));
        var writes = node.Asked.Batch.Writes;
        Assert.Equal(["{c}total", "{c}items", "{c}draft"], writes.Select(write => write.Key.ToStringUtf8()));
        Assert.Equal(-3, writes[0].Update.CounterIncrement.Amount);
        Assert.Equal(["red pen", "ink"], writes[1].Update.SetAdd.Elements_.Select(element => element.ToStringUtf8()));
        Assert.Equal(7_200_000, writes[0].Lifetime.Milliseconds);
        Assert.NotNull(writes[2].Delete);
    }

    [Theory]
    [InlineData("counter multiply k 2", "'counter multiply k 2' is no change of a batch")]
    [InlineData("counter incr", "write counter incr KEY [N]")]
    [InlineData("counter incr k many", "'many' is not a whole number")]
    [InlineData("register set k a b", "write register set KEY VALUE")]
    public async Task What_is_no_change_is_said(string line, string says)
    {
        var (exit, _, error) = await RunAsync("batch", line);
        Assert.Equal((int)ExitCode.Usage, exit);
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_form_of_a_change_is_understood()
    {
        node.Answer("""{ "written": { } }""");
        var lines = BatchLine.Known.Select(static form => form.Replace("[N]", "1").Replace("JSON", "1").Replace("PATH", "/a").Replace("TIME", "1h").Replace("SCORE", "2").Replace(" N", " 1").Replace("…", "")).ToArray();
        var (exit, _, error) = await RunAsync(["batch", .. lines]);
        Assert.Equal((0, ""), (exit, error));
        Assert.Equal(lines.Length, node.Asked.Batch.Writes.Count);
    }

    [Fact]
    public async Task Several_keys_are_printed_in_the_order_asked_for()
    {
        node.Answer("""{ "values": { "values": [{ "counter": "3", "type": "COUNTER" }, { }] } }""");
        Assert.Equal((0, "a: 3\nb: (nothing)\n", ""), await RunAsync("mget", "a", "b", "--within", "2s"));
        Assert.Equal((2_000u, null), (node.Asked.MaxStalenessMs, node.Asked.Level));

        var (_, json, _) = await RunAsync("mget", "a", "b", "--json");
        Assert.Equal("""[{"key":"a","type":"counter","value":3},{"key":"b","type":null,"value":null}]""", JsonNode.Parse(json)!["values"]!.ToJsonString());
        Assert.Equal((int)ExitCode.Usage, (await RunAsync("get", "a", "--r", "one", "--within", "2s")).Exit);
    }

    [Fact]
    public async Task A_session_lasts_over_several_runs()
    {
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "session");
        node.Answer("""{ "written": { }, "receipt": { "clock": { "entries": [{ "replica": "5", "sequence": "3" }] } } }""");
        Assert.Equal(0, (await RunAsync("counter", "incr", "k", "--session", file)).Exit);
        Assert.Null(node.Asked.Token);

        node.Answer("""{ "value": { "counter": "1" } }""");
        Assert.Equal(0, (await RunAsync("counter", "get", "k", "--session", file)).Exit);
        Assert.Equal(3, Assert.IsType<Clock>(node.Asked.Token).Entries.Single().Sequence);
        Assert.Equal([file], Directory.GetFiles(directory.Path));

        File.WriteAllText(file, "no token");
        var (exit, _, error) = await RunAsync("counter", "get", "k", "--session", file);
        Assert.Equal((int)ExitCode.Usage, exit);
        Assert.Contains("holds no session token", error, StringComparison.Ordinal);
    }

    private async Task<(int Exit, string Output, string Error)> RunAsync(params string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = await CommandLine.RunAsync([.. words, "--endpoint", node.Endpoint], new Terminal(output, error, interactive: false), CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }
}

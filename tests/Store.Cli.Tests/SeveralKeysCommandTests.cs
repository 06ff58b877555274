using System.Text.Json.Nodes;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;
using Gossipdb.Protocol;

namespace Gossipdb.Cli.Tests;

/// <summary>Batches, reads of several keys, and sessions that last over several runs.</summary>
public sealed class SeveralKeysCommandTests(ScriptedNode node) : IClassFixture<ScriptedNode>
{
    [Fact]
    public async Task A_batch_is_the_words_of_its_commands()
    {
        node.Answer("""{ "written": { } }""");
        var (exit, output, _) = await RunAsync(
            "batch", "counter decr {c}total 3", "set add {c}items \"red pen\" ink", "delete {c}draft", "--expires", "2h");
        Assert.Equal((0, "ok, acked by node 1 (W=quorum-sloppy)\n"), (exit, output));
        var writes = node.Asked.Batch.Writes;
        Assert.Equal(["{c}total", "{c}items", "{c}draft"], writes.Select(write => write.Key.ToStringUtf8()));
        Assert.Equal(-3, writes[0].Update.CounterIncrement.Amount);
        Assert.Equal(["red pen", "ink"], writes[1].Update.SetAdd.Elements_.Select(element => element.ToStringUtf8()));
        Assert.Equal(7_200_000, writes[0].Lifetime.Milliseconds);
        Assert.NotNull(writes[2].Delete);
    }

    [Theory]
    [InlineData("counter multiply k 2", "'counter' has no command 'multiply'")]
    [InlineData("counter incr", "'counter incr' needs KEY")]
    [InlineData("register set k a b", "'register set' does not take 'b'")]
    [InlineData("get k", "it changes nothing; 'gossipdb batch --help' lists the changes there are")]
    [InlineData("counter incr --help", "it changes nothing")]
    [InlineData("", "it changes nothing")]
    [InlineData("batch 'counter incr k'", "it changes nothing")]
    [InlineData("set add k 'a", "the quote at character 11 is not closed")]
    [InlineData("counter incr k --w one", "--w is for the batch as a whole; write it behind batch")]
    [InlineData("counter incr k --session s", "--session is for the batch as a whole; write it behind batch")]
    [InlineData("counter incr k --json", "--json is for the batch as a whole; write it behind batch")]
    public async Task What_is_no_change_is_said(string line, string says)
    {
        var (exit, _, error) = await RunAsync("batch", "counter incr k", line);
        Assert.Equal((int)ExitCode.Usage, exit);
        Assert.StartsWith($"gossipdb: '{line}': ", error, StringComparison.Ordinal);
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("counter decr k -9223372036854775808")]
    [InlineData("bounded-counter incr k -3")]
    [InlineData("bounded-counter decr k -3")]
    [InlineData("grow-counter incr k -1")]
    [InlineData("counter incr k many")]
    [InlineData("counter incr ''")]
    [InlineData("sorted-set set k a 1 b")]
    [InlineData("sequence insert k -1 a")]
    [InlineData("text append k ''")]
    [InlineData("json set k a 1")]
    [InlineData("json set k '' {")]
    [InlineData("expire k 30")]
    public async Task What_is_refused_alone_is_refused_in_a_batch(string line)
    {
        node.Answer("""{ "written": { } }""");
        var alone = await RunAsync([.. ShellWords.Split(line)]);
        var together = await RunAsync("batch", "set add k a", line);
        Assert.NotEqual(0, alone.Exit);
        Assert.Equal(
            (alone.Exit, alone.Error.Replace("gossipdb: ", $"gossipdb: '{line}': ", StringComparison.Ordinal)),
            (together.Exit, together.Error));
    }

    public static TheoryData<string> EveryChange()
    {
        var values = new Dictionary<string, string>
        {
            ["KEY"] = "{c}k",
            ["N"] = "3",
            ["ELEMENT"] = "'red pen' b",
            ["MEMBER"] = "m",
            ["MEMBER SCORE"] = "m 1 n 2",
            ["VALUE"] = "v",
            ["FIELD"] = "f",
            ["INDEX"] = "4",
            ["COUNT"] = "2",
            ["POSITION"] = "5",
            ["TEXT"] = "t",
            ["PATH"] = "/a",
            ["JSON"] = "'{\"a\":\"b\"}'",
            ["TIME"] = "1h",
        };
        var root = CommandLine.Parse(
            [], new Terminal(TextWriter.Null, TextWriter.Null, interactive: false), NoNode.Runner).RootCommandResult.Command;
        var lines = new TheoryData<string>();
        foreach (var command in root.Subcommands.SelectMany(static command => command.Subcommands.Prepend(command)))
        {
            if (command.Name is "batch" or "load" or "restore" or "import" or "pbs") continue;
            if (command.Options.All(static option => option.Name != "--w")) continue;
            lines.Add($"{UsageCheck.NameOf(command)} {string.Join(' ', command.Arguments.Select(argument => values[argument.Name]))}");
        }

        return lines;
    }

    [Theory]
    [MemberData(nameof(EveryChange))]
    [InlineData("register set k v --multi")]
    [InlineData("set add k v --field f --field g --expires 2h")]
    public async Task A_line_sends_what_its_command_sends(string line)
    {
        node.Answer("""{ "written": { } }""");
        Assert.Equal((0, ""), (await RunAsync([.. ShellWords.Split(line)])) is var (first, _, said) ? (first, said) : default);
        var alone = node.Asked;
        Assert.Equal((0, ""), (await RunAsync("batch", line)) is var (second, _, told) ? (second, told) : default);
        var together = Assert.Single(node.Asked.Batch.Writes);
        Assert.Equal(
            (alone.Key, alone.Update, alone.Delete, alone.Expire, alone.Lifetime),
            (together.Key, together.Update, together.Delete, together.Expire, together.Lifetime));
    }

    [Fact]
    public async Task A_line_may_give_its_key_another_life_than_the_batch()
    {
        node.Answer("""{ "written": { } }""");
        Assert.Equal(0, (await RunAsync("batch", "counter incr {c}a --expires 1h", "counter incr {c}b", "--expires", "2h")).Exit);
        Assert.Equal([3_600_000, 7_200_000], node.Asked.Batch.Writes.Select(static write => (long)write.Lifetime.Milliseconds));
    }

    [Fact]
    public async Task Lines_come_from_the_input_where_none_are_given()
    {
        node.Answer("""{ "written": { } }""");
        Assert.Equal(0, (await RunAsync("# a remark\n\n  set add {c}k 'é b'\r\ncounter incr {c}n"u8.ToArray(), "batch")).Exit);
        Assert.Equal(["{c}k", "{c}n"], node.Asked.Batch.Writes.Select(static write => write.Key.ToStringUtf8()));
        Assert.Equal("é b", node.Asked.Batch.Writes[0].Update.SetAdd.Elements_[0].ToStringUtf8());

        var (exit, _, error) = await RunAsync([.. "counter incr {c}n\nset add {c}k "u8, 0xE9], "batch");
        Assert.Equal(((int)ExitCode.Usage, "gossipdb: batch: line 2: the bytes E9 at byte 14 are no utf-8\n"), (exit, error));
    }

    [Fact]
    public async Task Several_keys_are_printed_in_the_order_asked_for()
    {
        node.Answer("""{ "values": { "values": [{ "counter": "3", "type": "COUNTER" }, { }] } }""");
        Assert.Equal((0, "a: 3\nb: (nothing)\n", ""), await RunAsync("mget", "a", "b", "--within", "2s"));
        Assert.Equal((2_000u, null), (node.Asked.MaxStalenessMs, node.Asked.Level));

        var (_, json, _) = await RunAsync("mget", "a", "b", "--json");
        Assert.Equal(
            """[{"key":"a","type":"counter","value":3},{"key":"b","type":null,"value":null}]""",
            JsonNode.Parse(json)!["values"]!.ToJsonString());
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

    [Theory]
    [InlineData("no-such-folder/session", "cannot be read and written, and nothing was sent")]
    [InlineData(".", "is a directory")]
    [InlineData("", "names no file")]
    public async Task A_session_that_could_not_be_kept_is_refused_before_anything_is_sent(string file, string says)
    {
        node.Answer("""{ "written": { }, "receipt": { "clock": { "entries": [{ "replica": "5", "sequence": "3" }] } } }""");
        using var directory = new TemporaryDirectory();
        var path = file.Length == 0 ? "" : Path.Combine(directory.Path, file);
        foreach (string[] command in (string[][])[
            ["counter", "incr", "k"], ["counter", "get", "k"], ["mget", "k"], ["batch", "counter incr k"], ["scan"]
        ])
        {
            await RunAsync("register", "set", "before", "v");
            var (exit, output, error) = await RunAsync([.. command, "--session", path]);
            Assert.Equal(((int)ExitCode.Usage, "", "before"), (exit, output, node.Asked.Key.ToStringUtf8()));
            Assert.Contains(says, error, StringComparison.Ordinal);
            (_, output, _) = await RunAsync([.. command, "--session", path, "--json"]);
            Assert.Equal("usage", (string)JsonNode.Parse(output)!["error"]!["code"]!);
        }
    }

    [Fact]
    public async Task A_session_lost_after_the_call_is_told_beside_the_answer()
    {
        node.Answer("""{ "written": { }, "receipt": { "clock": { "entries": [{ "replica": "5", "sequence": "3" }] } } }""");
        var directory = new TemporaryDirectory();
        var session = SessionFile.Open(Path.Combine(directory.Path, "session"))!;
        await using var client = await GossipdbClient.ConnectAsync(GossipdbOptions.ForEndpoints(node.Endpoint));
        var lost = await Assert.ThrowsAsync<CliException>(() => session.RunAsync(client, async store =>
        {
            await store.Counter("k").IncrementAsync();
            directory.Dispose();
        }));

        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.Equal((int)ExitCode.Error, new Terminal(output, error, interactive: false).Report(Failure.Of(lost), json: true));
        Assert.Equal("", output.ToString());
        Assert.Contains("the call was made, and its token could not be kept", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("the token: ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_is_printed_as_text_wherever_json_is()
    {
        node.Answer("""{ "value": { "json": "{\"é\":\"\\ud83d\\ude00 \\u0007\"}", "type": "JSON" } }""");
        const string Text = """{"é":"😀 \u0007"}""";
        Assert.Equal(Text + "\n", (await RunAsync("json", "get", "k")).Output);
        Assert.Equal(Text + "\n", (await RunAsync("get", "k")).Output);
        Assert.Contains("\"é\": \"😀 \\u0007\"", (await RunAsync("json", "get", "k", "--json")).Output, StringComparison.Ordinal);

        node.Answer("""{ "values": { "values": [{ "json": "\"\\ud83d\\ude00\"", "type": "JSON" }] } }""");
        Assert.Equal("k: \"😀\"\n", (await RunAsync("mget", "k")).Output);

        node.Answer(
            """
            { "value": { "map": { "fields": [{ "field": "Zg==",
            "value": { "json": "\"\\ud83d\\ude00\"", "type": "JSON" } }] }, "type": "MAP" } }
            """);
        Assert.Equal("f (json): \"😀\"\n", (await RunAsync("map", "get", "k")).Output);
    }

    private Task<(int Exit, string Output, string Error)> RunAsync(params string[] words) => RunAsync([], words);

    private async Task<(int Exit, string Output, string Error)> RunAsync(byte[] input, params string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var terminal = new Terminal(output, error, interactive: false, new MemoryStream(input));
        var exit = await CommandLine.RunAsync([.. words, "--endpoint", node.Endpoint], terminal, NoNode.Runner, CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }
}

using System.Text.Json.Nodes;
using Google.Protobuf;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Protocol;

namespace Gossipdb.Cli.Tests;

/// <summary>
/// How the commands take and print what is not text. In the JSON of the contract "a+k=" is k and the byte e9, "a+g=" k and e8, "6Q==" the
/// byte e9.
/// </summary>
public sealed class ByteFormTests(ScriptedNode node) : IClassFixture<ScriptedNode>
{
    [Theory]
    [InlineData(
        @"set add K \xe9 C:\temp \x5cxe9",
        "set add --hex K e9 433a5c74656d70 5c786539",
        """{ "setAdd": { "elements": ["6Q==", "QzpcdGVtcA==", "XHhlOQ=="] } }""")]
    [InlineData(
        @"remove-wins-set remove K \xe9",
        "remove-wins-set remove --hex K e9",
        """{ "setRemove": { "elements": ["6Q=="] }, "type": "REMOVE_WINS_SET" }""")]
    [InlineData(
        @"sorted-set set K \xe9 1 a -2",
        "sorted-set set K e9 1 61 -2 --hex",
        """{ "sortedSetAssign": { "members": [{ "member": "6Q==", "score": "1" }, { "member": "YQ==", "score": "-2" }] } }""")]
    [InlineData(
        @"sorted-set incr K \xe9 7", "sorted-set incr K e9 7 --hex", """{ "sortedSetIncrement": { "member": "6Q==", "score": "7" } }""")]
    [InlineData(@"sorted-set remove K \xe9", "sorted-set remove K e9 --hex", """{ "sortedSetRemove": { "elements": ["6Q=="] } }""")]
    [InlineData(
        @"sequence insert K 0 \xE9", "sequence insert K 0 E9 --hex", """{ "sequenceInsert": { "index": 0, "values": ["6Q=="] } }""")]
    [InlineData(@"hyperloglog add K \xe9", "hyperloglog add K e9 --hex", """{ "hyperLogLogAdd": { "elements": ["6Q=="] } }""")]
    [InlineData(@"register set K \xe9", "register set K e9 --hex", """{ "registerAssign": { "value": "6Q==" } }""")]
    [InlineData(
        @"map set K \xe9 \xe9",
        "map set K e9 e9 --hex",
        """{ "mapUpdate": { "fields": [{ "field": "6Q==", "update": { "registerAssign": { "value": "6Q==" } } }] } }""")]
    [InlineData(@"map remove K \xe9 f", "map remove K e9 66 --hex", """{ "mapRemove": { "fields": ["6Q==", "Zg=="] } }""")]
    [InlineData(
        @"counter incr K --field \xe9 --field f",
        "counter incr K --field e9 --field 66 --hex",
        """{ "mapUpdate": { "fields": [{ "field": "6Q==", "update": { "mapUpdate": { "fields": [{ "field": "Zg==", "update": """
        + """{ "counterIncrement": { "amount": "1" } } }] } } }] } }""")]
    [InlineData(@"text append K \xe9", @"text append K \xe9 --hex", """{ "textInsert": { "position": 4294967295, "content": "\\xe9" } }""")]
    public async Task Words_are_bytes_and_texts_are_text(string escaped, string hex, string update)
    {
        node.Answer("""{ "written": { } }""");
        foreach (var command in new[]
        {
            escaped.Replace("K", @"k\xe9", StringComparison.Ordinal),
            hex.Replace("K", "6be9", StringComparison.Ordinal),
        })
        {
            Assert.Equal((0, ""), await RunAsync(command) is var run ? (run.Exit, run.Error) : default);
            Assert.Equal([(byte)'k', 0xe9], node.Asked.Key.ToByteArray());
            Assert.Equal(JsonParser.Default.Parse<Update>(update), node.Asked.Update);
        }
    }

    [Theory]
    [InlineData(
        """{ "set": { "elements": ["a+k=", "a+g=", "YQ==", "YQpi"] }, "type": "SET" }""",
        @"a|a\x0ab|k\xe8|k\xe9",
        """["a","a\nb","k\\xe8","k\\xe9"]""",
        "61|610a62|6be8|6be9",
        """["61","610a62","6be8","6be9"]""")]
    [InlineData(
        """{ "sequence": { "elements": ["a+k=", "XHhlOQ==", "77+9"] }, "type": "SEQUENCE" }""",
        @"k\xe9|\x5cxe9|\xef\xbf\xbd",
        """["k\\xe9","\\x5cxe9","\\xef\\xbf\\xbd"]""",
        "6be9|5c786539|efbfbd",
        """["6be9","5c786539","efbfbd"]""")]
    [InlineData(
        """{ "sortedSet": { "members": [{ "member": "a+k=", "score": "2" }] }, "type": "SORTED_SET" }""",
        "2\tk\\xe9",
        """[{"member":"k\\xe9","score":2}]""",
        "2\t6be9",
        """[{"member":"6be9","score":2}]""")]
    [InlineData(
        """{ "register": { "value": "YQpr6Q==" }, "type": "REGISTER" }""", @"a|k\xe9", "\"a\\nk\\\\xe9\"", "610a6be9", "\"610a6be9\"")]
    [InlineData(
        """{ "multiRegister": { "elements": ["a+k=", "a+g="] }, "type": "MULTI_REGISTER" }""",
        @"k\xe9|k\xe8",
        """["k\\xe9","k\\xe8"]""",
        "6be9|6be8",
        """["6be9","6be8"]""")]
    [InlineData(
        """{ "map": { "fields": [{ "field": "a+k=", "value": { "set": { "elements": ["a+g="] }, "type": "SET" } }] }, "type": "MAP" }""",
        @"k\xe9 (set): {k\xe8}",
        """[{"field":"k\\xe9","type":"set","value":["k\\xe8"]}]""",
        "6be9 (set): {6be8}",
        """[{"field":"6be9","type":"set","value":["6be8"]}]""")]
    public async Task What_is_not_text_is_printed_so_that_it_reads_back(
        string value, string lines, string json, string hexLines, string hexJson)
    {
        node.Answer($$"""{ "value": {{value}} }""");
        Assert.Equal((0, lines.Replace('|', '\n') + "\n", ""), await RunAsync(@"get k\xe9"));
        Assert.Equal((0, hexLines.Replace('|', '\n') + "\n", ""), await RunAsync("get --hex 6be9"));
        var document = JsonNode.Parse((await RunAsync(@"get k\xe9 --json")).Output)!;
        Assert.Equal((@"k\xe9", json), ((string)document["key"]!, document["value"]!.ToJsonString(Relaxed)));
        document = JsonNode.Parse((await RunAsync("get 6be9 --json --hex")).Output)!;
        Assert.Equal(("6be9", hexJson), ((string)document["key"]!, document["value"]!.ToJsonString(Relaxed)));
    }

    [Fact]
    public async Task Keys_of_a_scan_are_told_apart_and_read_back()
    {
        node.Answer(
            """
            { "scanned": { "keys": [{ "key": "a+k=", "type": "SET" }, { "key": "a+g=", "type": "SET" },
            { "key": "a1x4ZTk=", "type": "SET" }, { "key": "a++/vQ==", "type": "SET" }] } }
            """);
        var run = await RunAsync("scan k\\xe9", "--json");
        Assert.Equal([(byte)'k', 0xe9], node.Asked.Scan.Prefix.ToByteArray());
        Assert.DoesNotContain('\uFFFD', run.Output);
        var keys = JsonNode.Parse(run.Output)!["keys"]!.AsArray().Select(static key => (string)key!["key"]!).ToArray();
        Assert.Equal([@"k\xe9", @"k\xe8", @"k\x5cxe9", @"k\xef\xbf\xbd"], keys);
        Assert.Equal(keys.Select(static key => $"{key}\tset"), (await RunAsync("scan")).Output.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("6be9\tset\n", (await RunAsync("scan --bucket 62 6be9 --hex")).Output, StringComparison.Ordinal);
        Assert.Equal([(byte)'b', (byte)'/', (byte)'k', 0xe9], node.Asked.Scan.Prefix.ToByteArray());

        byte[][] held = [[(byte)'k', 0xe9], [(byte)'k', 0xe8], @"k\xe9"u8.ToArray(), [(byte)'k', 0xef, 0xbf, 0xbd]];
        node.Answer("""{ "value": { "counter": "1" } }""");
        for (var i = 0; i < keys.Length; i++)
        {
            Assert.Equal((0, "1\n", ""), await RunAsync($"get {keys[i]}"));
            Assert.Equal(held[i], node.Asked.Key.ToByteArray());
        }
    }

    [Fact]
    public async Task Batches_and_reads_of_several_keys_take_bytes_too()
    {
        node.Answer("""{ "written": { } }""");
        Assert.Equal(0, (await RunAsync([
            "batch", @"set add '{a}k\xe9' '\xe9' 'C:\temp'", @"register set {a}r \\xe9", @"text append {a}t '\xe9'"
        ])).Exit);
        var writes = node.Asked.Batch.Writes;
        Assert.Equal("{a}k"u8.ToArray().Append((byte)0xe9), writes[0].Key);
        Assert.Equal([ByteString.CopyFrom(0xe9), ByteString.CopyFromUtf8(@"C:\temp")], writes[0].Update.SetAdd.Elements_);
        Assert.Equal((ByteString.CopyFrom(0xe9), @"\xe9"), (writes[1].Update.RegisterAssign.Value, writes[2].Update.TextInsert.Content));
        Assert.Equal(0, (await RunAsync(["batch", "set add --hex 6be9 e9"])).Exit);
        Assert.Equal(ByteString.CopyFrom(0xe9), node.Asked.Batch.Writes[0].Update.SetAdd.Elements_[0]);

        node.Answer(
            """
            { "values": { "values": [{ "set": { "elements": ["a+k=", "YQpi"] }, "type": "SET" },
            { "text": "a\nb", "type": "TEXT" }] } }
            """);
        Assert.Equal((0, "k\\xe9: {a\\x0ab, k\\xe9}\nk\\xe8: a\\x0ab\n", ""), await RunAsync(@"mget k\xe9 k\xe8"));
        Assert.Equal([0x6b, 0xe8], node.Asked.MultiRead.Keys[1].ToByteArray());
    }

    [Theory]
    [InlineData("get 6be --hex", "KEY: '6be' is not hexadecimal")]
    [InlineData("set add 6b ä --hex", "ELEMENT: 'ä' is not hexadecimal")]
    [InlineData("counter incr 6b --field f --hex", "--field: 'f' is not hexadecimal")]
    [InlineData("sorted-set set 6b m 1 --hex", "MEMBER SCORE: 'm' is not hexadecimal")]
    public async Task What_is_no_hexadecimal_is_said_before_anything_is_asked(string command, string says)
    {
        var (exit, output, error) = await RunAsync([.. command.Split(' '), "--endpoint", "http://127.0.0.1:1"]);
        Assert.Equal(((int)ExitCode.Usage, ""), (exit, output));
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Remarks_and_tables_name_what_is_not_text()
    {
        node.Answer("""{ "value": { } }""");
        Assert.Equal((0, "", @"'\xe9' is no member of 'k\xe9/f\xe8'" + "\n"), await RunAsync(@"sorted-set rank k\xe9 \xe9 --field f\xe8"));

        using var output = new StringWriter { NewLine = "\n" };
        var table = Tables.New("key");
        table.AddTextRow("a\u001b[31m\tb\u0085");
        new Terminal(output, TextWriter.Null, interactive: false).Render(table);
        Assert.Contains(@"a\x1b[31m\x09b\xc2\x85", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_help_tells_the_rule()
    {
        var help = (await RunAsync(["--help"])).Output;
        Assert.All(ByteForm.Rule, line => Assert.Contains(line, help, StringComparison.Ordinal));
        Assert.Contains("--hex", (await RunAsync("set add --help")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_word_of_the_command_line_that_is_not_text_is_found()
    {
        byte[] commandLine = [.. "gossipdb\0get\0k"u8, 0xe9, .. "\0--json\0"u8];
        Assert.Equal(@"k\xe9", RawWords.FirstNotText(["get", "k\uFFFD", "--json"], commandLine));
        Assert.Null(RawWords.FirstNotText(["get", "k\uFFFD"], "gossipdb\0get\0k\uFFFD\0"u8));
        Assert.Null(RawWords.FirstNotText(["get", "", "k\uFFFD"], "get\0k\uFFFD\0"u8));
    }

    private static readonly System.Text.Json.JsonSerializerOptions Relaxed = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private Task<(int Exit, string Output, string Error)> RunAsync(string command, params string[] more) =>
        RunAsync([.. command.Split(' '), .. more, "--endpoint", node.Endpoint]);

    private async Task<(int Exit, string Output, string Error)> RunAsync(string[] words)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        string[] args = words.Contains("--endpoint") || words.Contains("--help") ? words : [.. words, "--endpoint", node.Endpoint];
        var exit = await CommandLine.RunAsync(args, new Terminal(output, error, interactive: false), NoNode.Runner, CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }
}

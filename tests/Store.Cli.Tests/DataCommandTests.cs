using System.Text.Json.Nodes;
using Google.Protobuf;
using Gossipdb.Cli.Output;
using Gossipdb.Protocol;

namespace Gossipdb.Cli.Tests;

/// <summary>What each command on data sends, and how it tells the answer.</summary>
public sealed class DataCommandTests(ScriptedNode node) : IClassFixture<ScriptedNode>
{
    [Theory]
    [InlineData("counter incr k 3", """{ "counterIncrement": { "amount": "3" } }""")]
    [InlineData("counter reset k", """{ "counterReset": { } }""")]
    [InlineData("grow-counter incr k", """{ "counterIncrement": { "amount": "1" }, "type": "GROW_ONLY_COUNTER" }""")]
    [InlineData("bounded-counter incr k 5", """{ "counterIncrement": { "amount": "5" }, "type": "BOUNDED_COUNTER" }""")]
    [InlineData("bounded-counter decr k 2", """{ "counterIncrement": { "amount": "-2" }, "type": "BOUNDED_COUNTER" }""")]
    [InlineData("set add k a b", """{ "setAdd": { "elements": ["YQ==", "Yg=="] } }""")]
    [InlineData("remove-wins-set remove k a", """{ "setRemove": { "elements": ["YQ=="] }, "type": "REMOVE_WINS_SET" }""")]
    [InlineData("remove-wins-set clear k", """{ "setClear": { }, "type": "REMOVE_WINS_SET" }""")]
    [InlineData("grow-set add k a", """{ "setAdd": { "elements": ["YQ=="] }, "type": "GROW_ONLY_SET" }""")]
    [InlineData(
        "sorted-set set k a 1 b -2",
        """{ "sortedSetAssign": { "members": [{ "member": "YQ==", "score": "1" }, { "member": "Yg==", "score": "-2" }] } }""")]
    [InlineData("sorted-set incr k a 7", """{ "sortedSetIncrement": { "member": "YQ==", "score": "7" } }""")]
    [InlineData("sorted-set remove k a b", """{ "sortedSetRemove": { "elements": ["YQ==", "Yg=="] } }""")]
    [InlineData("register set k a --multi", """{ "registerAssign": { "value": "YQ==", "multiValue": true } }""")]
    [InlineData("max assign k -3", """{ "numberAssign": "-3" }""")]
    [InlineData("min assign k 3", """{ "numberAssign": "3", "type": "MIN_REGISTER" }""")]
    [InlineData("flag enable k", """{ "flag": true }""")]
    [InlineData("disable-wins-flag disable k", """{ "flag": false, "type": "DISABLE_WINS_FLAG" }""")]
    [InlineData(
        "map set k f a", """{ "mapUpdate": { "fields": [{ "field": "Zg==", "update": { "registerAssign": { "value": "YQ==" } } }] } }""")]
    [InlineData("sequence insert k 2 a b", """{ "sequenceInsert": { "index": 2, "values": ["YQ==", "Yg=="] } }""")]
    [InlineData("sequence append k a", """{ "sequenceInsert": { "index": 4294967295, "values": ["YQ=="] } }""")]
    [InlineData("sequence delete k 4", """{ "sequenceDelete": { "start": 4, "count": 1 } }""")]
    [InlineData("text insert k 0 a", """{ "textInsert": { "content": "a" } }""")]
    [InlineData("text append k a", """{ "textInsert": { "position": 4294967295, "content": "a" } }""")]
    [InlineData("text delete k 1 2", """{ "textDelete": { "start": 1, "count": 2 } }""")]
    [InlineData("json set k /a [1]", """{ "jsonSet": { "path": "/a", "value": "[1]" } }""")]
    [InlineData("json insert k /a/- 1", """{ "jsonInsert": { "path": "/a/-", "value": "1" } }""")]
    [InlineData("json remove k /a", """{ "jsonRemove": "/a" }""")]
    [InlineData("hyperloglog add k a", """{ "hyperLogLogAdd": { "elements": ["YQ=="] } }""")]
    public async Task Writes(string command, string update)
    {
        node.Answer("""{ "written": { } }""");
        var run = await RunAsync(command);

        Assert.Equal((0, "ok, acked by node 1 (W=quorum-sloppy)\n", ""), run);
        Assert.Null(node.Asked.Level);
        Assert.Equal("k", node.Asked.Key.ToStringUtf8());
        Assert.Equal(Parse<Update>(update), node.Asked.Update);
        Assert.Null(node.Asked.Lifetime);

        await RunAsync($"{command} --field m --field f --expires 90m");
        var inner = Assert.Single(node.Asked.Update.MapUpdate.Fields);
        var field = Assert.Single(inner.Update.MapUpdate.Fields);
        Assert.Equal(("m", "f"), (inner.Field.ToStringUtf8(), field.Field.ToStringUtf8()));
        Assert.Equal(Parse<Update>(update), field.Update);
        Assert.Equal(5_400_000, node.Asked.Lifetime?.Milliseconds);
    }

    [Fact]
    public async Task Stand_ins_are_named_and_who_reads_from_them_alone_is_told()
    {
        node.Answer("""{ "written": { }, "receipt": { "nodes": [2], "standIns": [5, 4], "required": 3 } }""");
        Assert.Equal((0, "ok, acked by node 2 and stand-ins 4, 5 (W=default)\n", ""), await RunAsync("set add k a"));
        node.Answer("""{ "written": { }, "receipt": { "standIns": [4], "required": 1 } }""");
        Assert.Equal((0, "ok, acked by stand-in 4 (W=default)\n", ""), await RunAsync("set add k a"));
        node.Answer("""{ "value": { "counter": "3" }, "receipt": { "standIns": [4], "required": 1 } }""");
        Assert.Equal(
            (0, "3\n", "no owner of the key is within reach: this is what was written to stand-in 4 since\n"),
            await RunAsync("counter get k"));
        Assert.Contains("\"standIns\": [\n      4\n    ]", (await RunAsync("counter get k --json")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("grow-counter get k", """{ "type": "GROW_ONLY_COUNTER" }""", """{ "counter": "3" }""", "3", "3")]
    [InlineData("bounded-counter get k", """{ "type": "BOUNDED_COUNTER" }""", """{ "counter": "3" }""", "3", "3")]
    [InlineData("set members k", """{ "type": "SET" }""", """{ "set": { "elements": ["Yg==", "YQ=="] } }""", "a|b", """["a","b"]""")]
    [InlineData("set count k", """{ "type": "SET", "count": { } }""", """{ "count": "7" }""", "7", "7")]
    [InlineData(
        "grow-set contains k a",
        """{ "type": "GROW_ONLY_SET", "contains": true, "element": "YQ==" }""",
        """{ "contains": true }""",
        "yes",
        "true")]
    [InlineData(
        "sorted-set members k",
        """{ "type": "SORTED_SET" }""",
        """{ "sortedSet": { "members": [{ "member": "YQ==", "score": "2" }] } }""",
        "2\ta",
        """[{"member":"a","score":2}]""")]
    [InlineData(
        "sorted-set top k 3",
        """{ "type": "SORTED_SET", "ranks": { "count": 3 } }""",
        """{ "sortedSet": { "members": [{ "member": "YQ==", "score": "2" }] } }""",
        "2\ta",
        """[{"member":"a","score":2}]""")]
    [InlineData(
        "sorted-set range k 5 2",
        """{ "type": "SORTED_SET", "ranks": { "start": 5, "count": 2 } }""",
        """{ "sortedSet": { "members": [{ "member": "YQ==", "score": "2" }] } }""",
        "2\ta",
        """[{"member":"a","score":2}]""")]
    [InlineData(
        "sorted-set between k -1 5 --limit 9",
        """{ "type": "SORTED_SET", "scores": { "min": "-1", "max": "5", "limit": 9 } }""",
        """{ "sortedSet": { "members": [{ "member": "YQ==", "score": "2" }] } }""",
        "2\ta",
        """[{"member":"a","score":2}]""")]
    [InlineData("sorted-set rank k a", """{ "type": "SORTED_SET", "rankOf": "YQ==" }""", """{ "count": "0" }""", "0", "0")]
    [InlineData("sorted-set score k a", """{ "type": "SORTED_SET", "scoreOf": "YQ==" }""", """{ "number": "-4" }""", "-4", "-4")]
    [InlineData("sorted-set count k", """{ "type": "SORTED_SET", "count": { } }""", """{ "count": "7" }""", "7", "7")]
    [InlineData("max get k", """{ "type": "MAX_REGISTER" }""", """{ "number": "-4" }""", "-4", "-4")]
    [InlineData("min get k", """{ "type": "MIN_REGISTER" }""", """{ "number": "4" }""", "4", "4")]
    [InlineData("disable-wins-flag get k", """{ "type": "DISABLE_WINS_FLAG" }""", """{ "flag": true }""", "enabled", "true")]
    [InlineData("map count k", """{ "type": "MAP", "count": { } }""", """{ "count": "7" }""", "7", "7")]
    [InlineData(
        "sequence get k", """{ "type": "SEQUENCE" }""", """{ "sequence": { "elements": ["Yg==", "YQ=="] } }""", "b|a", """["b","a"]""")]
    [InlineData(
        "sequence get k --from 2 --count 3",
        """{ "type": "SEQUENCE", "span": { "start": 2, "count": 3 } }""",
        """{ "sequence": { "elements": ["YQ=="] } }""",
        "a",
        """["a"]""")]
    [InlineData("sequence count k", """{ "type": "SEQUENCE", "count": { } }""", """{ "count": "7" }""", "7", "7")]
    [InlineData("text get k", """{ "type": "TEXT" }""", """{ "text": "ab" }""", "ab", "\"ab\"")]
    [InlineData(
        "text get k --from 1", """{ "type": "TEXT", "span": { "start": 1, "count": 2147483647 } }""", """{ "text": "b" }""", "b", "\"b\"")]
    [InlineData("text length k", """{ "type": "TEXT", "count": { } }""", """{ "count": "7" }""", "7", "7")]
    [InlineData("json get k", """{ "type": "JSON" }""", """{ "json": "{\"a\":[1]}" }""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("json get k /a", """{ "type": "JSON", "jsonPath": "/a" }""", """{ "json": "[1]" }""", "[1]", "[1]")]
    [InlineData("hyperloglog count k", """{ "type": "HYPER_LOG_LOG" }""", """{ "distinct": "99" }""", "99", "99")]
    public async Task Reads(string command, string read, string value, string lines, string json)
    {
        node.Answer($$"""{ "value": {{value}} }""");
        var run = await RunAsync(command);

        Assert.Equal((0, lines.Replace('|', '\n') + "\n", ""), run);
        Assert.Equal(Parse<Read>(read), node.Asked.Read);
        Assert.Null(node.Asked.Level);

        var inMap = Parse<Read>(read);
        inMap.Path.Add(ByteString.CopyFromUtf8("f"));
        var document = JsonNode.Parse((await RunAsync($"{command} --field f --json")).Output)!;
        Assert.Equal(inMap, node.Asked.Read);
        Assert.Equal(json, document["value"]!.ToJsonString());
        Assert.Equal("""["f"]""", document["path"]!.ToJsonString());
        Assert.Equal(1, (int)document["receipt"]!["required"]!);
        Assert.Equal("quorum-sloppy", (string?)document["receipt"]!["level"]);
    }

    [Theory]
    [InlineData("set members k", "the set 'k' is empty")]
    [InlineData("max get k", "nothing is stored at 'k'")]
    [InlineData("sorted-set rank k a", "'a' is no member of 'k'")]
    [InlineData("sorted-set top k --field f", "there are no such members in 'k/f'")]
    [InlineData("sequence get k --from 9", "there are no such values in 'k'")]
    [InlineData("json get k /a", "there is nothing there in 'k'")]
    [InlineData("map get k f g", "the map 'k' has no field 'f/g'")]
    [InlineData("get k", "nothing is stored at 'k'")]
    [InlineData("type k", "nothing is stored at 'k'")]
    [InlineData("ttl k", "nothing is stored at 'k'")]
    public async Task Nothing_is_a_remark_and_no_answer(string command, string remark)
    {
        node.Answer("""{ "value": { } }""");

        Assert.Equal((0, "", remark + "\n"), await RunAsync(command));
        var value = JsonNode.Parse((await RunAsync($"{command} --json")).Output)!["value"];
        Assert.True(value is null or JsonArray { Count: 0 });
    }

    [Theory]
    [InlineData("""{ "counter": "3", "type": "BOUNDED_COUNTER" }""", "bounded counter", "3", "3")]
    [InlineData("""{ "number": "-3", "type": "MIN_REGISTER" }""", "min register", "-3", "-3")]
    [InlineData("""{ "flag": false, "type": "DISABLE_WINS_FLAG" }""", "disable-wins flag", "disabled", "false")]
    [InlineData("""{ "set": { "elements": ["YQ=="] }, "type": "GROW_ONLY_SET" }""", "grow-only set", "a", """["a"]""")]
    [InlineData(
        """{ "sortedSet": { "members": [{ "member": "YQ==", "score": "2" }] }, "type": "SORTED_SET" }""",
        "sorted set",
        "2\ta",
        """[{"member":"a","score":2}]""")]
    [InlineData("""{ "sequence": { "elements": ["Yg==", "YQ=="] }, "type": "SEQUENCE" }""", "sequence", "b|a", """["b","a"]""")]
    [InlineData("""{ "text": "a b", "type": "TEXT" }""", "text", "a b", "\"a b\"")]
    [InlineData("""{ "json": "{\"a\":null}", "type": "JSON" }""", "json", """{"a":null}""", """{"a":null}""")]
    [InlineData("""{ "distinct": "99", "type": "HYPER_LOG_LOG" }""", "hyperloglog", "99", "99")]
    public async Task Whatever_a_key_or_a_field_holds_is_printed(string value, string type, string lines, string json)
    {
        node.Answer($$"""{ "value": {{value}} }""");
        Assert.Equal((0, lines.Replace('|', '\n') + "\n", ""), await RunAsync("get k"));
        var document = JsonNode.Parse((await RunAsync("get k --json")).Output)!;
        Assert.Equal((type, json), ((string)document["type"]!, document["value"]!.ToJsonString()));

        node.Answer($$"""{ "value": { "map": { "fields": [{ "field": "Zg==", "value": {{value}} }] }, "type": "MAP" } }""");
        Assert.Equal((0, lines.Replace('|', '\n') + "\n", ""), await RunAsync("map get k m f"));
        Assert.Equal(Parse<Read>("""{ "path": ["bQ==", "Zg=="] }"""), node.Asked.Read);
        document = JsonNode.Parse((await RunAsync("map get k --json")).Output)!;
        Assert.Equal($$"""[{"field":"f","type":"{{type}}","value":{{json}}}]""", document["value"]!.ToJsonString());
    }

    [Fact]
    public async Task Pages_say_how_to_go_on()
    {
        node.Answer("""{ "value": { "page": { "elements": ["YQ=="], "next": "/+8=" }, "type": "SET" } }""");
        Assert.Equal((0, "a\n", "(more: --cursor _-8)\n"), await RunAsync("set page k --limit 1"));

        node.Answer("""{ "value": { "page": { "elements": ["Yg=="] }, "type": "SET" } }""");
        Assert.Equal((0, "b\n", "(that was all)\n"), await RunAsync("set page k --limit 1 --cursor _-8"));
        Assert.Equal(Parse<Read>("""{ "type": "SET", "page": { "cursor": "/+8=", "limit": 1 } }"""), node.Asked.Read);

        node.Answer(
            """{ "value": { "page": { "fields": [{ "field": "Zg==", "value": { "counter": "1" } }], "next": "AA==" }, "type": "MAP" } }""");
        Assert.Equal((0, "f (counter): 1\n", "(more: --cursor AA)\n"), await RunAsync("map page k"));
        var value = JsonNode.Parse((await RunAsync("map page k --json")).Output)!["value"]!;
        Assert.Equal("""{"items":[{"field":"f","type":"counter","value":1}],"next":"AA"}""", value.ToJsonString());
    }

    [Fact]
    public async Task Keys_are_given_lives()
    {
        node.Answer("""{ "written": { } }""");
        Assert.Equal(0, (await RunAsync("expire k 2d")).Exit);
        Assert.Equal(172_800_000, node.Asked.Expire.Milliseconds);
        Assert.Equal(0, (await RunAsync("persist k")).Exit);
        Assert.True(node.Asked.Expire.ForEver);

        node.Answer("""{ "value": { "expiresAtUnixMs": "4102444800000", "type": "TEXT" } }""");
        Assert.Matches(@"^\d+\.\ds, until 2100-01-01T00:00:00\.000Z\n$", (await RunAsync("ttl k")).Output);
        Assert.Equal("2100-01-01T00:00:00.000Z", (string)JsonNode.Parse((await RunAsync("ttl k --json")).Output)!["value"]!);
        Assert.Equal((0, "text\n", ""), await RunAsync("type k"));

        node.Answer("""{ "value": { "expiresAtUnixMs": "0", "type": "TEXT" } }""");
        Assert.Equal((0, "for ever\n", ""), await RunAsync("ttl k"));
        Assert.Equal("text", (string)JsonNode.Parse((await RunAsync("ttl k --json")).Output)!["type"]!);
    }

    [Fact]
    public async Task Too_little_left_is_a_refusal_of_its_own()
    {
        node.Answer("""{ "error": { "code": "INSUFFICIENT_RIGHTS", "message": "5 wanted, this replica may take 1 of the 3 left" } }""");
        var run = await RunAsync("bounded-counter decr k 5");

        Assert.Equal(8, run.Exit);
        Assert.Equal(
            "gossipdb: The counter has not enough left, or not within reach (5 wanted, this replica may take 1 of the 3 left); nothing was "
            + "applied.\n",
            run.Error);
        var error = JsonNode.Parse((await RunAsync("bounded-counter decr k 5 --json")).Output)!["error"]!;
        Assert.Equal("insufficientRights", (string)error["code"]!);
    }

    private async Task<(int Exit, string Output, string Error)> RunAsync(string command)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        string[] args = [.. command.Split(' '), "--endpoint", node.Endpoint];
        var exit = await CommandLine.RunAsync(args, new Terminal(output, error, interactive: false), NoNode.Runner, CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }

    private static T Parse<T>(string json) where T : IMessage, new() => JsonParser.Default.Parse<T>(json);
}

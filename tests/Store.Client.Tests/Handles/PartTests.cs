using Gossipdb.Client.Tests.Fakes;
using Gossipdb.Protocol;
using Google.Protobuf;

namespace Gossipdb.Client.Tests.Handles;

/// <summary>What each read asks for, and how its answer is told.</summary>
public class PartTests : IAsyncLifetime
{
    private FakeCluster _cluster = null!;
    private GossipdbClient _client = null!;

    public async Task InitializeAsync()
    {
        _cluster = await FakeCluster.StartAsync(1);
        _client = await _cluster.ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Whole_objects()
    {
        await AsksAsync(
            """{ "type": "GROW_ONLY_COUNTER" }""",
            """{ "counter": "3", "type": "GROW_ONLY_COUNTER" }""",
            objects => objects.GrowOnlyCounter("k").GetAsync(),
            3,
            0);
        await AsksAsync(
            """{ "type": "BOUNDED_COUNTER" }""",
            """{ "counter": "3", "type": "BOUNDED_COUNTER" }""",
            objects => objects.BoundedCounter("k").GetAsync(),
            3,
            0);
        await AsksAsync(
            """{ "type": "MAX_REGISTER" }""",
            """{ "number": "-3", "type": "MAX_REGISTER" }""",
            objects => objects.MaxRegister("k").GetAsync(),
            -3L,
            null);
        await AsksAsync(
            """{ "type": "MIN_REGISTER" }""",
            """{ "number": "0", "type": "MIN_REGISTER" }""",
            objects => objects.MinRegister("k").GetAsync(),
            0L,
            null);
        await AsksAsync(
            """{ "type": "DISABLE_WINS_FLAG" }""",
            """{ "flag": true, "type": "DISABLE_WINS_FLAG" }""",
            objects => objects.DisableWinsFlag("k").GetAsync(),
            true,
            false);
        await AsksAsync(
            """{ "type": "REMOVE_WINS_SET" }""",
            """{ "set": { "elements": ["Yg==", "YQ=="] }, "type": "REMOVE_WINS_SET" }""",
            objects => objects.RemoveWinsSet("k").GetAsync(),
            ["a", "b"],
            []);
        await AsksAsync<IReadOnlyList<ScoredMember>>(
            """{ "type": "SORTED_SET" }""",
            """{ "sortedSet": { "members": [{ "member": "YQ==", "score": "2" }] }, "type": "SORTED_SET" }""",
            objects => objects.SortedSet("k").GetAsync(),
            [new("a", 2)],
            []);
        await AsksAsync(
            """{ "type": "SEQUENCE" }""",
            """{ "sequence": { "elements": ["Yg==", "YQ=="] }, "type": "SEQUENCE" }""",
            objects => objects.Sequence("k").GetAsync(),
            ["b", "a"],
            []);
        await AsksAsync(
            """{ "type": "TEXT" }""", """{ "text": "abc", "type": "TEXT" }""", objects => objects.Text("k").GetAsync(), "abc", "");
        await AsksAsync(
            """{ "type": "JSON" }""", """{ "json": "[1]", "type": "JSON" }""", objects => objects.Json("k").GetJsonAsync(), "[1]", null);
        await AsksAsync(
            """{ "type": "HYPER_LOG_LOG" }""",
            """{ "distinct": "99", "type": "HYPER_LOG_LOG" }""",
            objects => objects.HyperLogLog("k").CountAsync(),
            99,
            0);
    }

    [Fact]
    public async Task Parts_of_sets()
    {
        await AsksAsync(
            """{ "type": "SET", "count": { } }""", """{ "count": "12", "type": "SET" }""", objects => objects.Set("k").CountAsync(), 12, 0);
        await AsksAsync(
            """{ "type": "GROW_ONLY_SET", "contains": true, "element": "YQ==" }""",
            """{ "contains": true, "type": "GROW_ONLY_SET" }""",
            objects => objects.GrowOnlySet("k").ContainsAsync("a"),
            true,
            false);
        await AsksAsync(
            """{ "type": "SORTED_SET", "ranks": { "start": 0, "count": 3 } }""",
            """
            { "sortedSet": { "members": [{ "member": "Yg==", "score": "9" }, { "member": "YQ==", "score": "2" }] }, "type": "SORTED_SET" }
            """,
            async objects => string.Join(", ", await objects.SortedSet("k").GetAsync(3)), "b: 9, a: 2", "");
        await AsksAsync(
            """{ "type": "SORTED_SET", "scores": { "min": "-1", "max": "5", "limit": 2 } }""",
            """{ "sortedSet": { "members": [{ "member": "YQ==", "score": "2" }] }, "type": "SORTED_SET" }""",
            async objects => (await objects.SortedSet("k").RangeByScoreAsync(-1, 5, 2)).Count, 1, 0);
        await AsksAsync(
            """{ "type": "SORTED_SET", "rankOf": "YQ==" }""",
            """{ "count": "0", "type": "SORTED_SET" }""",
            objects => objects.SortedSet("k").RankAsync("a"),
            0L,
            null);
        await AsksAsync(
            """{ "type": "SORTED_SET", "scoreOf": "YQ==" }""",
            """{ "number": "0", "type": "SORTED_SET" }""",
            objects => objects.SortedSet("k").ScoreAsync("a"),
            0L,
            null);
        await AsksAsync(
            """{ "type": "SORTED_SET", "count": { } }""",
            """{ "count": "4", "type": "SORTED_SET" }""",
            objects => objects.SortedSet("k").CountAsync(),
            4,
            0);
    }

    [Fact]
    public async Task Parts_of_sequences_texts_and_documents()
    {
        await AsksAsync(
            """{ "type": "SEQUENCE", "span": { "start": 1, "count": 2 } }""",
            """{ "sequence": { "elements": ["YQ=="] }, "type": "SEQUENCE" }""",
            objects => objects.Sequence("k").RangeAsync(1, 2),
            ["a"],
            []);
        await AsksAsync(
            """{ "type": "SEQUENCE", "count": { } }""",
            """{ "count": "4", "type": "SEQUENCE" }""",
            objects => objects.Sequence("k").CountAsync(),
            4,
            0);
        await AsksAsync(
            """{ "type": "TEXT", "span": { "start": 5, "count": 2 } }""",
            """{ "text": "bc", "type": "TEXT" }""",
            objects => objects.Text("k").SubstringAsync(5, 2),
            "bc",
            "");
        await AsksAsync(
            """{ "type": "TEXT", "count": { } }""",
            """{ "count": "4", "type": "TEXT" }""",
            objects => objects.Text("k").LengthAsync(),
            4,
            0);
        await AsksAsync(
            """{ "type": "JSON", "jsonPath": "/a" }""",
            """{ "json": "{\"b\":2}", "type": "JSON" }""",
            async objects => (int?)(await objects.Json("k").GetAsync("/a"))?["b"],
            2,
            null);
        await AsksAsync(
            """{ "type": "JSON", "jsonPath": "/a" }""",
            """{ "json": "null", "type": "JSON" }""",
            objects => objects.Json("k").GetJsonAsync("/a"),
            "null",
            null);
    }

    [Fact]
    public async Task One_field_of_a_map_is_read_alone()
    {
        var map = Answer(
            """{ "map": { "fields": [{ "field": "Zg==", "value": { "number": "5", "type": "MAX_REGISTER" } }] }, "type": "MAP" }""");
        Assert.Equal(5, (await _client.Map("k").GetFieldAsync("f"))!.Number);
        Assert.Equal(Parse<Protocol.Read>("""{ "path": ["Zg=="] }"""), (await map).Read);

        var nested = Answer("{ }");
        Assert.Null(await _client.Map("k").Fields.Map("a").GetFieldAsync("f"));
        Assert.Equal(Parse<Protocol.Read>("""{ "path": ["YQ==", "Zg=="] }"""), (await nested).Read);
        await AsksAsync(
            """{ "type": "MAP", "count": { } }""", """{ "count": "4", "type": "MAP" }""", objects => objects.Map("k").CountAsync(), 4, 0);
    }

    [Fact]
    public async Task Sets_and_maps_are_walked_page_by_page()
    {
        var pages = new Queue<string>(
        [
            """{ "page": { "elements": ["YQ==", "Yg=="], "next": "/wA=" }, "type": "SET" }""",
            """{ "page": { "next": "/wE=" }, "type": "SET" }""",
            """{ "page": { "elements": ["Yw=="] }, "type": "SET" }""",
            """{ "page": { "fields": [{ "field": "Zg==", "value": { "text": "x", "type": "TEXT" } }] }, "type": "MAP" }""",
        ]);
        _cluster[1].Answer = _ => Task.FromResult<Reply?>(new Reply { Value = Parse<Value>(pages.Dequeue()) });

        var elements = new List<string>();
        await foreach (var element in _client.Set("k").EnumerateAsync(2)) elements.Add(element);
        Assert.Equal(["a", "b", "c"], elements);
        Assert.Equal(["", "/wA=", "/wE="], _cluster[1].Requests.Select(request => request.Read.Page.Cursor.ToBase64()));
        Assert.All(_cluster[1].Requests, request => Assert.Equal(2u, request.Read.Page.Limit));

        var page = await _client.Map("k").PageAsync();
        Assert.Null(page.Next);
        Assert.Equal(("f", "x"), (Assert.Single(page.Items).Name.Text, page.Items[0].Value.Text));
    }

    [Fact]
    public async Task A_page_leads_to_the_next_by_a_cursor_that_is_text()
    {
        _ = Answer("""{ "page": { "elements": ["YQ=="], "next": "/+8=" }, "type": "SET" }""");
        var first = await _client.Set("k").PageAsync(limit: 1);
        Assert.Equal("_-8", first.Next);

        var second = Answer("{ }");
        var (page, receipt) = await _client.Set("k").ReadPageAsync(first.Next, 1);
        Assert.Equal("/+8=", (await second).Read.Page.Cursor.ToBase64());
        Assert.Empty(page.Items);
        Assert.Equal([1], receipt.Nodes);
    }

    [Theory]
    [InlineData("""{ "counter": "3", "type": "BOUNDED_COUNTER" }""", StoredType.BoundedCounter, "3")]
    [InlineData("""{ "number": "-3", "type": "MIN_REGISTER" }""", StoredType.MinRegister, "-3")]
    [InlineData("""{ "flag": false, "type": "DISABLE_WINS_FLAG" }""", StoredType.DisableWinsFlag, "disabled")]
    [InlineData("""{ "set": { "elements": ["YQ=="] }, "type": "GROW_ONLY_SET" }""", StoredType.GrowOnlySet, "{a}")]
    [InlineData(
        """{ "sortedSet": { "members": [{ "member": "YQ==", "score": "2" }] }, "type": "SORTED_SET" }""", StoredType.SortedSet, "{a: 2}")]
    [InlineData("""{ "sequence": { "elements": ["Yg==", "YQ=="] }, "type": "SEQUENCE" }""", StoredType.Sequence, "[b, a]")]
    [InlineData("""{ "text": "abc", "type": "TEXT" }""", StoredType.Text, "abc")]
    [InlineData("""{ "json": "[1]", "type": "JSON" }""", StoredType.Json, "[1]")]
    [InlineData("""{ "distinct": "99", "type": "HYPER_LOG_LOG" }""", StoredType.HyperLogLog, "99")]
    public async Task A_key_of_any_type_says_what_it_holds_and_so_does_a_field(string value, StoredType type, string text)
    {
        _ = Answer(value);
        var stored = (await _client.GetAsync("k"))!;
        Assert.Equal((type, text), (stored.Type, stored.ToString()));

        _ = Answer($$"""{ "map": { "fields": [{ "field": "Zg==", "value": {{value}} }] }, "type": "MAP" }""");
        var map = await _client.Map("k").GetAsync();
        Assert.Equal($"{{f: {text}}}", map.ToString());
        Assert.Equal(type, map.Fields[0].Type);
        object? typed = type switch
        {
            StoredType.BoundedCounter => map.Counter("f"),
            StoredType.MinRegister => map.Number("f"),
            StoredType.DisableWinsFlag => map.Flag("f") ? "enabled" : "disabled",
            StoredType.GrowOnlySet => $"{{{string.Join(", ", map.Set("f"))}}}",
            StoredType.SortedSet => $"{{{map.SortedSet("f").Single()}}}",
            StoredType.Sequence => $"[{string.Join(", ", map.Sequence("f"))}]",
            StoredType.Text => map.Text("f"),
            StoredType.Json => map.Json("f"),
            _ => map.Distinct("f"),
        };
        Assert.Equal(text, typed!.ToString());
        Assert.Equal((null, "", null, 0L), (map.Number("x"), map.Text("x"), map.Json("x"), map.Distinct("x")));
    }

    [Fact]
    public async Task Another_kind_of_the_same_family_is_another_type()
    {
        _ = Answer("""{ "contains": true }""");
        await Assert.ThrowsAsync<WrongTypeException>(() => _client.BoundedCounter("k").GetAsync());
        _ = Answer("""{ "set": { }, "type": "SET" }""");
        var unheard = await Assert.ThrowsAsync<GossipdbException>(() => _client.Set("k").CountAsync());
        Assert.Equal("The node answered with a Set where a Count was asked for.", unheard.Message);
    }

    private async Task AsksAsync<T>(string read, string answer, Func<ObjectHandles, Task<T>> ask, T expected, T whereThereIsNone)
    {
        var asked = Answer(answer);
        Assert.Equal(expected, await ask(_client));
        Assert.Equal(Parse<Protocol.Read>(read), (await asked).Read);

        // A field of a map is asked for as the key is, and says nothing where there is none.
        asked = Answer("{ }");
        Assert.Equal(whereThereIsNone, await ask(_client.Map("m").Fields));
        var inMap = Parse<Protocol.Read>(read);
        inMap.Path.Add(ByteString.CopyFromUtf8("k"));
        Assert.Equal(inMap, (await asked).Read);
    }

    private Task<Request> Answer(string value)
    {
        var asked = new TaskCompletionSource<Request>();
        _cluster[1].Answer = request =>
        {
            asked.TrySetResult(request);
            return Task.FromResult<Reply?>(_cluster[1].WithReceipt(new Reply { Value = Parse<Value>(value) }, request));
        };
        return asked.Task;
    }

    private static T Parse<T>(string json) where T : IMessage, new() => JsonParser.Default.Parse<T>(json);
}

using Gossipdb.Client.Tests.Fakes;
using Gossipdb.Protocol;
using Google.Protobuf;

namespace Gossipdb.Client.Tests.Handles;

/// <summary>What each handle sends for each of its writes.</summary>
public class HandleTests : IAsyncLifetime
{
    private FakeCluster _cluster = null!;
    private GossipdbClient _client = null!;

    public async Task InitializeAsync()
    {
        _cluster = await FakeCluster.StartAsync(1);
        _client = await _cluster.ConnectAsync();
        _cluster[1].Answer = request => Task.FromResult<Reply?>(_cluster[1].WithReceipt(new Reply { Written = new Written() }, request));
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Counters_say_which_kind_they_are()
    {
        await SendsAsync("""{ "counterIncrement": { "amount": "3" } }""", objects => objects.Counter("k").IncrementAsync(3));
        await SendsAsync("""{ "counterIncrement": { "amount": "-3" } }""", objects => objects.Counter("k").DecrementAsync(3));
        await SendsAsync("""{ "counterReset": { } }""", objects => objects.Counter("k").ResetAsync());
        await SendsAsync(
            """{ "counterIncrement": { "amount": "1" }, "type": "GROW_ONLY_COUNTER" }""",
            objects => objects.GrowOnlyCounter("k").IncrementAsync());
        await SendsAsync(
            """{ "counterIncrement": { "amount": "2" }, "type": "BOUNDED_COUNTER" }""",
            objects => objects.BoundedCounter("k").IncrementAsync(2));
        await SendsAsync(
            """{ "counterIncrement": { "amount": "-1" }, "type": "BOUNDED_COUNTER" }""",
            objects => objects.BoundedCounter("k").DecrementAsync());
    }

    [Fact]
    public async Task Number_registers_and_flags_say_which_kind_they_are()
    {
        await SendsAsync("""{ "numberAssign": "-7" }""", objects => objects.MaxRegister("k").AssignAsync(-7));
        await SendsAsync("""{ "numberAssign": "7", "type": "MIN_REGISTER" }""", objects => objects.MinRegister("k").AssignAsync(7));
        await SendsAsync("""{ "flag": true }""", objects => objects.Flag("k").EnableAsync());
        await SendsAsync("""{ "flag": true, "type": "DISABLE_WINS_FLAG" }""", objects => objects.DisableWinsFlag("k").EnableAsync());
        await SendsAsync("""{ "flag": false, "type": "DISABLE_WINS_FLAG" }""", objects => objects.DisableWinsFlag("k").DisableAsync());
    }

    [Fact]
    public async Task Sets_say_which_kind_they_are()
    {
        await SendsAsync("""{ "setAdd": { "elements": ["YQ=="] } }""", objects => objects.Set("k").AddAsync("a"));
        await SendsAsync(
            """{ "setAdd": { "elements": ["YQ==", "Yg=="] }, "type": "GROW_ONLY_SET" }""",
            objects => objects.GrowOnlySet("k").AddAsync(["a", "b"]));
        await SendsAsync(
            """{ "setAdd": { "elements": ["YQ=="] }, "type": "REMOVE_WINS_SET" }""", objects => objects.RemoveWinsSet("k").AddAsync("a"));
        await SendsAsync(
            """{ "setRemove": { "elements": ["YQ=="] }, "type": "REMOVE_WINS_SET" }""",
            objects => objects.RemoveWinsSet("k").RemoveAsync("a"));
        await SendsAsync("""{ "setClear": { }, "type": "REMOVE_WINS_SET" }""", objects => objects.RemoveWinsSet("k").ClearAsync());
    }

    [Fact]
    public async Task Sorted_sets()
    {
        await SendsAsync(
            """{ "sortedSetAssign": { "members": [{ "member": "YQ==", "score": "-5" }] } }""",
            objects => objects.SortedSet("k").SetAsync("a", -5));
        await SendsAsync(
            """{ "sortedSetAssign": { "members": [{ "member": "YQ==", "score": "1" }, { "member": "Yg==", "score": "2" }] } }""",
            objects => objects.SortedSet("k").SetAsync([new ScoredMember("a", 1), new ScoredMember("b", 2)]));
        await SendsAsync(
            """{ "sortedSetIncrement": { "member": "YQ==", "score": "1" } }""", objects => objects.SortedSet("k").IncrementAsync("a"));
        await SendsAsync("""{ "sortedSetRemove": { "elements": ["YQ=="] } }""", objects => objects.SortedSet("k").RemoveAsync("a"));
        await SendsAsync(
            """{ "sortedSetRemove": { "elements": ["YQ==", "Yg=="] } }""", objects => objects.SortedSet("k").RemoveAsync(["a", "b"]));
    }

    [Fact]
    public async Task Sequences_and_texts_are_edited_by_position_or_at_the_end()
    {
        await SendsAsync(
            """{ "sequenceInsert": { "index": 2, "values": ["YQ=="] } }""", objects => objects.Sequence("k").InsertAsync(2, "a"));
        await SendsAsync(
            """{ "sequenceInsert": { "values": ["YQ==", "Yg=="] } }""", objects => objects.Sequence("k").InsertAsync(0, ["a", "b"]));
        await SendsAsync(
            """{ "sequenceInsert": { "index": 4294967295, "values": ["YQ=="] } }""", objects => objects.Sequence("k").AppendAsync("a"));
        await SendsAsync("""{ "sequenceDelete": { "start": 3, "count": 1 } }""", objects => objects.Sequence("k").DeleteAsync(3));
        await SendsAsync("""{ "textInsert": { "position": 4, "content": "grüß" } }""", objects => objects.Text("k").InsertAsync(4, "grüß"));
        await SendsAsync("""{ "textInsert": { "position": 4294967295, "content": "x" } }""", objects => objects.Text("k").AppendAsync("x"));
        await SendsAsync("""{ "textDelete": { "start": 1, "count": 2 } }""", objects => objects.Text("k").DeleteAsync(1, 2));
    }

    [Fact]
    public async Task Documents_take_what_can_be_serialised()
    {
        await SendsAsync(
            """{ "jsonSet": { "path": "/a", "value": "[1,2]" } }""", objects => objects.Json("k").SetAsync("/a", new[] { 1, 2 }));
        await SendsAsync("""{ "jsonSet": { "path": "/a", "value": "\"text\"" } }""", objects => objects.Json("k").SetAsync("/a", "text"));
        await SendsAsync(
            """{ "jsonSet": { "path": "", "value": "{\"a\":null}" } }""",
            objects => objects.Json("k").SetAsync("", System.Text.Json.Nodes.JsonNode.Parse("""{ "a": null }""")));
        await SendsAsync(
            """{ "jsonSet": { "path": "/a~1b", "value": " [ ] " } }""", objects => objects.Json("k").SetJsonAsync("/a~1b", " [ ] "));
        await SendsAsync("""{ "jsonInsert": { "path": "/a/-", "value": "3" } }""", objects => objects.Json("k").InsertAsync("/a/-", 3));
        await SendsAsync(
            """{ "jsonInsert": { "path": "/a/0", "value": "null" } }""", objects => objects.Json("k").InsertJsonAsync("/a/0", "null"));
        await SendsAsync("""{ "jsonRemove": "/a" }""", objects => objects.Json("k").RemoveAsync("/a"));
    }

    [Fact]
    public async Task HyperLogLogs()
    {
        await SendsAsync("""{ "hyperLogLogAdd": { "elements": ["YQ=="] } }""", objects => objects.HyperLogLog("k").AddAsync("a"));
        await SendsAsync(
            """{ "hyperLogLogAdd": { "elements": ["YQ==", "Yg=="] } }""", objects => objects.HyperLogLog("k").AddAsync(["a", "b"]));
    }

    [Fact]
    public async Task A_field_in_a_map_in_a_map_is_changed_as_a_key_is()
    {
        var city = _client.Map("k").Fields.Map("a").Fields.Register("b");
        await city.SetAsync("x");

        Assert.Equal(("k", StoredType.Register), (city.Key.Text, city.Type));
        Assert.Equal(["a", "b"], city.Path);
        var inner = Assert.Single(Assert.Single(_cluster[1].Requests).Update.MapUpdate.Fields);
        Assert.Equal("a", inner.Field.ToStringUtf8());
        var field = Assert.Single(inner.Update.MapUpdate.Fields);
        Assert.Equal("b", field.Field.ToStringUtf8());
        Assert.Equal("x", field.Update.RegisterAssign.Value.ToStringUtf8());
    }

    [Fact]
    public async Task A_map_update_says_of_every_type_what_its_handle_says()
    {
        (Func<ObjectHandles, Task> OnItsOwn, Action<MapUpdate> InOneWrite)[] changes =
        [
            (fields => fields.Counter("f").IncrementAsync(2), update => update.Increment("f", 2)),
            (fields => fields.BoundedCounter("f").DecrementAsync(2), update => update.Increment("f", StoredType.BoundedCounter, -2)),
            (fields => fields.GrowOnlyCounter("f").IncrementAsync(), update => update.Increment("f", StoredType.GrowOnlyCounter)),
            (fields => fields.Counter("f").ResetAsync(), update => update.Reset("f")),
            (fields => fields.Set("f").AddAsync(["a", "b"]), update => update.Add("f", "a", "b")),
            (fields => fields.GrowOnlySet("f").AddAsync("a"), update => update.Add("f", StoredType.GrowOnlySet, "a")),
            (fields => fields.RemoveWinsSet("f").RemoveAsync("a"), update => update.Remove("f", StoredType.RemoveWinsSet, "a")),
            (fields => fields.RemoveWinsSet("f").ClearAsync(), update => update.Clear("f", StoredType.RemoveWinsSet)),
            (fields => fields.MaxRegister("f").AssignAsync(1), update => update.AssignMax("f", 1)),
            (fields => fields.MinRegister("f").AssignAsync(1), update => update.AssignMin("f", 1)),
            (fields => fields.DisableWinsFlag("f").EnableAsync(), update => update.Enable("f", StoredType.DisableWinsFlag)),
            (fields => fields.DisableWinsFlag("f").DisableAsync(), update => update.Disable("f", StoredType.DisableWinsFlag)),
            (fields => fields.SortedSet("f").SetAsync("a", 1), update => update.SetScore("f", "a", 1)),
            (fields => fields.SortedSet("f").IncrementAsync("a"), update => update.IncrementScore("f", "a")),
            (fields => fields.SortedSet("f").RemoveAsync("a"), update => update.RemoveMembers("f", "a")),
            (fields => fields.Sequence("f").InsertAsync(1, "a"), update => update.InsertValues("f", 1, "a")),
            (fields => fields.Sequence("f").AppendAsync("a"), update => update.AppendValues("f", "a")),
            (fields => fields.Sequence("f").DeleteAsync(1), update => update.DeleteValues("f", 1)),
            (fields => fields.Text("f").InsertAsync(1, "a"), update => update.InsertText("f", 1, "a")),
            (fields => fields.Text("f").AppendAsync("a"), update => update.AppendText("f", "a")),
            (fields => fields.Text("f").DeleteAsync(1, 2), update => update.DeleteText("f", 1, 2)),
            (fields => fields.Json("f").SetJsonAsync("/a", "1"), update => update.SetJson("f", "/a", "1")),
            (fields => fields.Json("f").InsertJsonAsync("/a/0", "1"), update => update.InsertJson("f", "/a/0", "1")),
            (fields => fields.Json("f").RemoveAsync("/a"), update => update.RemoveJson("f", "/a")),
            (fields => fields.HyperLogLog("f").AddAsync("a"), update => update.AddDistinct("f", "a")),
            (fields => fields.Map("f").RemoveAsync("a"), update => update.RemoveFields("f", "a")),
            (fields => fields.Map("f").UpdateAsync(map => map.Enable("x")), update => update.Map("f", map => map.Enable("x"))),
        ];

        foreach (var (onItsOwn, inOneWrite) in changes)
        {
            await onItsOwn(_client.Map("k").Fields);
            await _client.Map("k").UpdateAsync(inOneWrite);
            Assert.Equal((await _cluster[1].NextAsync()).Update, (await _cluster[1].NextAsync()).Update);
        }
    }

    [Fact]
    public void What_makes_no_sense_is_refused_before_it_is_sent()
    {
        Refused(() => _client.GrowOnlyCounter("k").IncrementAsync(-1), "negative");
        Refused(() => _client.BoundedCounter("k").IncrementAsync(-1), "negative");
        Refused(() => _client.BoundedCounter("k").DecrementAsync(-1), "negative");
        Refused(() => _client.Set("k").AddAsync([]), "names no element");
        Refused(() => _client.SortedSet("k").SetAsync([]), "names no member");
        Refused(() => _client.SortedSet("k").GetAsync(0), "at least 1");
        Refused(() => _client.SortedSet("k").RangeByScoreAsync(2, 1), "the least comes first");
        Refused(() => _client.Sequence("k").InsertAsync(-1, "a"), "negative");
        Refused(() => _client.Sequence("k").DeleteAsync(0, 0), "at least 1");
        Refused(() => _client.Text("k").InsertAsync(0, ""), "names no character");
        Refused(() => _client.Text("k").AppendAsync("\uD83D"), "surrogate");
        Refused(() => _client.Text("k").SubstringAsync(-1, 1), "negative");
        Refused(() => _client.Json("k").SetJsonAsync("", "{"), "no JSON");
        Refused(() => _client.Json("k").SetJsonAsync("a", "1"), "no JSON pointer");
        Refused(() => _client.Json("k").RemoveAsync("/a~2"), "no JSON pointer");
        Refused(() => _client.Json("k").GetJsonAsync("/a~"), "no JSON pointer");
        Refused(() => _client.Map("k").UpdateAsync(_ => { }), "names no field");
        Refused(
            () => _client.Map("k").UpdateAsync(map => map.Remove("f", StoredType.GrowOnlySet, "a")),
            "A GrowOnlySet is no set whose elements can be removed");
        Refused(() => _client.Map("k").UpdateAsync(map => map.Enable("f", StoredType.Counter)), "A Counter is no flag");
        Refused(() => _client.Set("k").PageAsync("?!"), "no cursor");
        Refused(() => _client.Set("k").PageAsync(limit: 0), "at least 1");
        Assert.Throws<ArgumentNullException>(() => { _ = _client.Sequence("k").AppendAsync((IEnumerable<string>)null!); });
        Assert.Throws<ArgumentNullException>(() => { _ = _client.Json("k").SetJsonAsync("", null!); });
        Assert.Throws<ArgumentNullException>(() => { _ = _client.HyperLogLog("k").AddAsync((string)null!); });
        var missing = "A key, a name, an element or a text is null.";
        Assert.Equal(missing, Assert.Throws<ArgumentNullException>(() => { _ = _client.Set("k").AddAsync(["a", null!]); }).Message);
        Assert.Equal(
            missing, Assert.Throws<ArgumentNullException>(() => { _ = _client.SortedSet("k").SetAsync([new((string)null!, 1)]); }).Message);
        Assert.Equal(missing, Assert.Throws<ArgumentNullException>(() => _client.Counter((string)null!)).Message);
        Assert.Equal(missing, Assert.Throws<ArgumentNullException>(() => _client.Map("k").Fields.Counter((string)null!)).Message);
        Assert.Empty(_cluster[1].Requests);

        static void Refused(Func<Task> call, string why) =>
            Assert.Contains(why, Assert.Throws<InvalidRequestException>(() => { _ = call(); }).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "The counter has not enough left, or not within reach; nothing was applied.")]
    [InlineData("5 wanted, 3 left", "The counter has not enough left, or not within reach (5 wanted, 3 left); nothing was applied.")]
    public async Task A_bounded_counter_that_has_not_enough_says_so_and_asks_no_other_node(string counts, string told)
    {
        _cluster[1].Answer = _ =>
            Task.FromResult<Reply?>(new Reply { Error = new Error { Code = ErrorCode.InsufficientRights, Message = counts } });

        var refusal = await Assert.ThrowsAsync<InsufficientRightsException>(() => _client.BoundedCounter("k").DecrementAsync(5));

        Assert.Equal(told, refusal.Message);
        Assert.Single(_cluster[1].Requests);
    }

    [Fact]
    public async Task An_edit_whose_answer_is_lost_is_sent_again_under_its_name()
    {
        await using var cluster = await FakeCluster.StartAsync(2);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Answer = FakeAnswers.DropConnection(cluster[1]);

        await client.Text(cluster.KeyOf(1)).InsertAsync(0, "once");

        Assert.NotEqual(0UL, cluster[1].Requests.Single().Operation.Client);
        Assert.Equal(FakeAnswers.NameOf(cluster[1].Requests.Single()), FakeAnswers.NameOf(cluster[2].Requests.Single()));
    }

    private async Task SendsAsync(string update, Func<ObjectHandles, Task> write)
    {
        await write(_client);
        var expected = JsonParser.Default.Parse<Update>(update);
        Assert.Equal(expected, (await _cluster[1].NextAsync()).Update);

        // In a map the same operation is a field's.
        await write(_client.Map("m").Fields);
        var request = await _cluster[1].NextAsync();
        Assert.Equal("m", request.Key.ToStringUtf8());
        Assert.Equal(expected, Assert.Single(request.Update.MapUpdate.Fields).Update);
    }
}

using System.Text.RegularExpressions;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Json;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Json;

public class JsonDocumentTests
{
    private readonly SimulatedReplica _a = new(CrdtType.Json, 0xA);
    private readonly SimulatedReplica _b = new(CrdtType.Json, 0xB);

    [Fact]
    public void A_retried_insert_is_recognised_where_its_first_execution_is_known()
    {
        var (a, b) = (new SimulatedReplica(CrdtType.Json, 0xA), new SimulatedReplica(CrdtType.Json, 0xB));
        var insert = new JsonInsert("/-", "1");
        var id = new OperationId(7, 1, 1000);
        b.Apply(a.Do(new JsonSet("", "[]")));
        Assert.False(b.State.TryGetExecution(insert, id, out _));
        var first = a.Do(insert, id);
        b.Apply(first);
        Assert.True(b.State.TryGetExecution(insert, id, out var dot));
        Assert.Equal(first.Name, dot);
        b.Do(new JsonSet("", "[]"));
        b.Do(new Delete(CrdtType.Json));
        Assert.True(b.State.TryGetExecution(insert, id, out _));
        b.CollectAt(new StableCut(b.Clock.Copy(), 1000, []));
        Assert.False(b.State.TryGetExecution(insert, id, out _));
    }

    [Fact]
    public void Shows_parts_and_the_whole_with_fields_in_order()
    {
        Set(_a, "", """ { "z": [1, {"y": "\u00e9\"\n"}, -1.50e3], "a": null } """);
        Set(_a, "/m~1n/p~0q", "true");
        Assert.Equal("""{"a":null,"m/n":{"p~q":true},"z":[1,{"y":"é\"\n"},-1.50e3]}""", Json(_a).ToJson());
        Assert.Equal("\"é\\\"\\n\"", Json(_a).Get("/z/1/y"));
        Assert.Equal("-1.50e3", Json(_a).Get("/z/2"));
        foreach (var nowhere in new[] { "/b", "/z/3", "/z/-", "/z/01", "/a/b", "/z/x" }) Assert.Null(Json(_a).Get(nowhere));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused_unescaped()
    {
        // An attribute could not say these: its texts are UTF-8.
        Half_a_surrogate_pair_is_refused_in_values_names_and_paths("", "\"a\ud800b\"", "half a surrogate pair at 2");
        Half_a_surrogate_pair_is_refused_in_values_names_and_paths("/a\ud800", "1", "half a surrogate pair at 1");
    }

    [Theory]
    [InlineData("", "\"a\\ud800b\"", "half a surrogate pair in the string at byte 0")]
    [InlineData("", "[1,\"\\udc00\\ud800\"]", "half a surrogate pair in the string at byte 3")]
    [InlineData("", "{\"a\\udc00\":1}", "half a surrogate pair in the string at byte 1")]
    public void Half_a_surrogate_pair_is_refused_in_values_names_and_paths(string path, string value, string why)
    {
        var refused = Assert.Throws<ArgumentException>(() => Set(_a, path, value));
        Assert.Contains(why, refused.Message);
        Assert.DoesNotContain("Parameter", refused.Message);
        Assert.Null(Json(_a).ToJson());
    }

    [Fact]
    public void Whole_surrogate_pairs_are_characters_escaped_or_not()
    {
        Set(_a, "/😀", "[\"😀\",\"\\ud83d\\ude00\"]");
        Assert.Equal("{\"😀\":[\"😀\",\"😀\"]}", Regex.Unescape(Json(_a).ToJson()!));
    }

    [Fact]
    public void An_edit_concurrent_with_the_removal_of_what_it_is_in_survives_it_and_the_rest_does_not()
    {
        _b.Apply(Set(_a, "", """{"cart":{"milk":1,"eggs":2}}"""));
        var remove = _a.Do(new JsonRemove("/cart"));
        var edit = Set(_b, "/cart/milk", "3");
        _a.Apply(edit);
        _b.Apply(remove);
        Same("""{"cart":{"milk":3}}""");
    }

    [Fact]
    public void The_later_of_two_concurrent_assignments_shows_and_a_scalar_hides_what_survives_below()
    {
        _b.Apply(Set(_a, "", """{"x":{"y":1}}"""));
        var below = _a.Do(new JsonSet("/x/y", "2"), physical: 10);
        var scalar = _b.Do(new JsonSet("/x", "5"), physical: 20);
        _a.Apply(scalar);
        _b.Apply(below);
        Same("""{"x":5}""");
        _b.Apply(_a.Do(new JsonRemove("/x")));
        Same("{}");
    }

    [Fact]
    public void Concurrent_inserts_at_one_place_do_not_interleave()
    {
        _b.Apply(Set(_a, "", """["first","last"]"""));
        var left = Enumerable.Range(1, 3).Select(i => _a.Do(new JsonInsert($"/{i}", $"\"a{i}\""), physical: i * 10)).ToArray();
        var right = Enumerable.Range(1, 3).Select(i => _b.Do(new JsonInsert($"/{i}", $"\"b{i}\""), physical: (i * 10) + 5)).ToArray();
        var front = Enumerable.Range(1, 2).Select(i => _a.Do(new JsonInsert("/0", $"\"c{i}\""), physical: 100 + i)).ToArray();
        var ahead = Enumerable.Range(1, 2).Select(i => _b.Do(new JsonInsert("/0", $"\"d{i}\""), physical: 100 + i)).ToArray();
        _a.Apply([.. right, .. ahead]);
        _b.Apply([.. left, .. front]);
        Same("""["c2","c1","d2","d1","first","a1","a2","a3","b1","b2","b3","last"]""");
    }

    [Fact]
    public void A_removed_element_that_is_edited_concurrently_comes_back_where_it_was()
    {
        _b.Apply(Set(_a, "", """[0,{"n":1,"m":1},2]"""));
        var remove = _a.Do(new JsonRemove("/1"));
        Assert.Equal("[0,2]", Json(_a).ToJson());
        var edit = Set(_b, "/1/n", "5");
        _a.Apply(edit);
        _b.Apply(remove);
        Same("""[0,{"n":5},2]""");
    }

    [Fact]
    public void Inserts_land_where_they_were_asked_to_and_appending_by_turns_keeps_names_short()
    {
        // Inserts and removals at places that repeat themselves at every run, by three replicas by turns, against a list.
        var replicas = new[] { _a, _b, new SimulatedReplica(CrdtType.Json, 0xC) };
        var expected = new List<string>();
        Broadcast(Set(_a, "", "[]"), _a, replicas);
        var state = 1u;
        for (var i = 0; i < 600; i++)
        {
            state = (state * 1664525) + 1013904223;
            var at = replicas[(state >> 9) % 3];
            var index = (int)((state >> 12) % (uint)(expected.Count + 1));
            if (i % 4 == 3)
            {
                index = Math.Min(index, expected.Count - 1);
                expected.RemoveAt(index);
                Broadcast(at.Do(new JsonRemove($"/{index}")), at, replicas);
            }
            else
            {
                expected.Insert(index, $"{i}");
                Broadcast(at.Do(new JsonInsert($"/{index}", $"{i}")), at, replicas);
            }

            if (i % 50 == 0) Assert.Equal($"[{string.Join(",", expected)}]", Json(at).ToJson());
        }

        Assert.Equal($"[{string.Join(",", expected)}]", Json(_b).ToJson());
        Broadcast(Set(_a, "", "[]"), _a, replicas);
        for (var i = 0; i < 300; i++) Broadcast(replicas[i % 3].Do(new JsonInsert("/-", "1")), replicas[i % 3], replicas);
        Assert.True(_a.State.ToBytes().Length < 300 * 64);
    }

    [Fact]
    public void Deltas_cost_what_the_change_costs()
    {
        Set(_a, "", "{\"list\":[" + string.Join(",", Enumerable.Range(0, 1000)) + "]}");
        _b.Join(_a, whole: true);
        Assert.True(Set(_a, "/list/500", "7").Delta.ToBytes().Length < 160);
        Assert.True(_a.State.DeltaSince(_b.Clock).ToBytes().Length < 160);
        _b.Join(_a, whole: false);
        Assert.Equal(_a.State.Digest(), _b.State.Digest());
        _a.Do(new JsonRemove("/list/0"));
        Assert.False(_a.State.DeltaSince(_b.Clock).IsFragment);
        _a.Do(new Delete(CrdtType.Json));
        _a.CollectAt(new StableCut(_a.Clock.Copy(), 0, []));
        Assert.True(_a.State.IsBottom);
    }

    [Theory]
    [InlineData("/l/3", "1")] // past the end
    [InlineData("/l/-", "1")] // no element to set
    [InlineData("/l/x", "1")]
    [InlineData("/l/00", "1")]
    [InlineData("/s/x", "1")] // through a scalar
    [InlineData("s", "1")] // not a pointer
    [InlineData("/s~2", "1")]
    public void Refuses_paths_that_lead_nowhere_and_names_them(string path, string value)
    {
        Set(_a, "", """{"l":[1,2,3],"s":"text"}""");
        Assert.Contains($"'{path}'", Assert.Throws<ArgumentException>(() => Set(_a, path, value)).Message);
        Assert.Contains("'/s'", Assert.Throws<ArgumentException>(() => _a.Do(new JsonInsert("/s", "1"))).Message);
        Assert.Contains("'/l/4'", Assert.Throws<ArgumentException>(() => _a.Do(new JsonInsert("/l/4", "1"))).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("1 2")]
    [InlineData("NaN")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("\"\\ud800\"")]
    [InlineData("[1] // no")]
    public void Refuses_what_is_not_json(string text) => Assert.Throws<ArgumentException>(() => Set(_a, "/x", text));

    [Fact]
    public void Nests_as_deep_as_can_be_decoded_and_refuses_more()
    {
        Set(_a, "", new string('[', 32) + "1" + new string(']', 32));
        Assert.Equal(_a.State.ToHex(), Reading.Decode(_a.State.ToBytes()).ToHex());
        Assert.Throws<ArgumentException>(() => Set(_b, "", new string('[', 33) + "1" + new string(']', 33)));
        Assert.Throws<ArgumentException>(() => Set(_b, "/a", new string('[', 32) + "1" + new string(']', 32)));
        Assert.Throws<ArgumentException>(() => Set(_b, string.Concat(Enumerable.Repeat("/a", 33)), "1"));
    }

    private static Event Set(SimulatedReplica replica, string path, string value) => replica.Do(new JsonSet(path, value));

    private static JsonDocument Json(SimulatedReplica replica) => (JsonDocument)replica.State;

    private static void Broadcast(Event happened, SimulatedReplica from, SimulatedReplica[] replicas)
    {
        foreach (var replica in replicas)
        {
            if (replica != from) replica.Apply(happened);
        }
    }

    private void Same(string expected)
    {
        Assert.Equal(expected, Json(_a).ToJson());
        Assert.Equal(expected, Json(_b).ToJson());
        Assert.Equal(_a.State.Digest(), _b.State.Digest());
    }
}

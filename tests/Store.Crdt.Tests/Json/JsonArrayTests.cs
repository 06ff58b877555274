using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Json;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Json;

/// <summary>Arrays of many elements: what one operation inserts is kept, shipped and written in runs.</summary>
public class JsonArrayTests
{
    // An array, and an element set to an array, as they were written before there were runs: every element by its name.
    private const string ArrayBefore =
        "011100010a00000000000000080c015b000b1a030000000000000006000000000000000a000000000000000902010a00000000000000080c0130" +
        "00001a030000000000000006000000000000000a000000000000000a02010a00000000000000080c013100001a03000000000000000600000000" +
        "0000000a000000000000000b02010a00000000000000080c017b020161010a00000000000000080c017b00000162010a00000000000000080c01" +
        "320000001a030000000000000006000000000000000a000000000000000c02010a00000000000000080c015b00001a0300000000000000060000" +
        "00000000000a000000000000000d02010a00000000000000080c0422c3a92200001a030000000000000006000000000000000a00000000000000" +
        "0e02010a00000000000000080c015b00021a030000000000000006000000000000000a000000000000000f02010a00000000000000080c015b00" +
        "021a030000000000000006000000000000000a000000000000001002010a00000000000000080c013500001a0300000000000000060000000000" +
        "00000a000000000000001102010a00000000000000080c013600001a030000000000000006000000000000000a000000000000001202010a0000" +
        "0000000000080c013700001a030000000000000006000000000000000a000000000000001302010a00000000000000080c013800001a03000000" +
        "0000000006000000000000000a000000000000001402010a00000000000000080c013900001a030000000000000006000000000000000a000000" +
        "000000001502010a00000000000000080c02313000001a030000000000000006000000000000000a000000000000001602010a00000000000000" +
        "080c02313100001a030000000000000006000000000000000a000000000000001702010a00000000000000080c0231320000010a000000000000" +
        "000700";

    private const string SetBefore =
        "011101010a00000000000000180e015b00011a030000000000000006000000000000000a00000000000000150200010a00000000000000180e01" +
        "5b00041a030000000000000007000000000000000a00000000000000190200010a00000000000000180e02323000001a03000000000000000700" +
        "0000000000000a000000000000001a0200010a00000000000000180e02323100001a030000000000000007000000000000000a00000000000000" +
        "1b0200010a00000000000000180e02323200001a030000000000000007000000000000000a000000000000001c0200010a00000000000000180e" +
        "02323300000000";

    private readonly SimulatedReplica[] _replicas = [new(CrdtType.Json, 0xA), new(CrdtType.Json, 0xB), new(CrdtType.Json, 0xC)];

    [Theory]
    [InlineData("json: run of elements", ArrayBefore)]
    [InlineData("json: set in a run", SetBefore)]
    public void What_was_written_before_there_were_runs_is_read_as_the_same_state(string sample, string before)
    {
        var now = new JsonDocumentSpec().Samples().Single(s => s.Name == sample).State.ToHex();
        Assert.True(now.Length < before.Length);
        Assert.Equal(now, Reading.Decode(Convert.FromHexString(before)).ToHex());
    }

    [Theory]
    [InlineData("1")]
    [InlineData("\"text\"")]
    [InlineData("{\"id\":1,\"tags\":{}}")]
    public void An_element_costs_its_text_in_the_delta_and_in_the_state(string element)
    {
        var text = "{\"list\":[" + string.Join(",", Enumerable.Repeat(element, 20_000)) + "]}";
        var set = _replicas[0].Do(new JsonSet("", text));
        _replicas[1].Apply(set);
        foreach (var bytes in new[]
        {
            set.Delta.ToBytes().Length,
            _replicas[1].State.ToBytes().Length,
            _replicas[1].State.DeltaSince(new VersionVector()).ToBytes().Length,
        })
        {
            Assert.InRange(bytes, 20_000, text.Length + 200);
        }
        Assert.InRange(_replicas[1].State.ApproximateBytes, text.Length / 2, 2 * text.Length);
        Assert.Equal(text, Json(_replicas[1]).ToJson());
    }

    [Fact]
    public void Editing_a_long_array_costs_what_the_edit_costs()
    {
        _replicas[1].Apply(_replicas[0].Do(new JsonSet("", "[" + string.Join(",", Enumerable.Range(0, 20_000)) + "]")));
        var before = _replicas[0].State.ToBytes().Length;
        foreach (var edit in new Operation[]
        {
            new JsonSet("/10000", "true"),
            new JsonInsert("/5000", "[1,2]"),
            new JsonRemove("/15000"),
            new JsonInsert("/-", "null"),
        })
        {
            var change = _replicas[0].Do(edit);
            Assert.True(change.Delta.ToBytes().Length < 260);
            _replicas[1].Apply(change);
        }

        Assert.True(_replicas[0].State.ToBytes().Length < before + 800);
        Assert.Equal(_replicas[0].State.Digest(), _replicas[1].State.Digest());
        Assert.Equal(("true", "[1,2]", "null", "15000"), (
            Json(_replicas[1]).Get("/10001"),
            Json(_replicas[1]).Get("/5000"),
            Json(_replicas[1]).Get("/20000"),
            Json(_replicas[1]).Get("/15000")));
        Assert.Null(Json(_replicas[1]).Get("/20001"));
    }

    [Fact]
    public void What_is_cut_and_mended_again_is_written_as_if_it_had_never_been_cut()
    {
        var set = _replicas[0].Do(new JsonSet("", "[0,1,2,3,4,5,6,7,8,9]"));
        _replicas[1].Apply(set);
        var between = _replicas[1].Do(new JsonInsert("/5", "true"));
        var removed = _replicas[1].Do(new JsonRemove("/5"));
        _replicas[0].Apply(between, removed);
        var other = new SimulatedReplica(CrdtType.Json, 0xD);
        other.Join(_replicas[0], whole: true);
        Assert.Equal("[0,1,2,3,4,5,6,7,8,9]", Json(_replicas[0]).ToJson());
        Assert.Equal(other.State.ToHex(), _replicas[0].State.ToHex());
        Assert.True(_replicas[0].State.ToBytes().Length < 100);
    }

    [Fact]
    public void Arrays_edited_at_random_by_three_replicas_are_the_lists_they_should_be()
    {
        var expected = new List<string>();
        Broadcast(new JsonSet("", "[]"), _replicas[0]);
        var state = 7u;
        for (var i = 0; i < 700; i++)
        {
            state = (state * 1664525) + 1013904223;
            var at = _replicas[(state >> 9) % 3];
            var index = (int)((state >> 12) % (uint)(expected.Count + 1));
            var value = ((state >> 5) % 5) switch
            {
                0 => "[" + string.Join(",", Enumerable.Range(i, (int)((state >> 8) % 300))) + "]",
                1 => "{\"a\":{\"b\":" + i + "},\"c\":null}",
                _ => $"{i}",
            };
            switch ((state >> 20) % 8)
            {
                case 0:
                    expected = [.. Enumerable.Range(0, 400).Select(n => n % 9 == 4 ? "[[1],{},2]" : $"{n}")];
                    Broadcast(new JsonSet("", $"[{string.Join(",", expected)}]"), at);
                    break;
                case 1 or 2 or 3:
                    expected.Insert(index, value);
                    Broadcast(new JsonInsert($"/{index}", value), at);
                    break;
                case 4 or 5 when index < expected.Count:
                    expected[index] = value;
                    Broadcast(new JsonSet($"/{index}", value), at);
                    break;
                case var _ when index < expected.Count:
                    expected.RemoveAt(index);
                    Broadcast(new JsonRemove($"/{index}"), at);
                    break;
            }

            if (expected.Count > 0) Assert.Equal(expected[^1], Json(at).Get($"/{expected.Count - 1}"));
            if (i % 25 > 0) continue;
            Assert.Equal($"[{string.Join(",", expected)}]", Json(at).ToJson());
            Assert.Equal(_replicas[0].State.ToHex(), _replicas[1].State.ToHex());
            Assert.Equal(_replicas[0].State.ToHex(), Reading.Decode(_replicas[2].State.ToBytes()).ToHex());
        }
    }

    private static JsonDocument Json(SimulatedReplica replica) => (JsonDocument)replica.State;

    private void Broadcast(Operation operation, SimulatedReplica from)
    {
        var happened = from.Do(operation);
        foreach (var replica in _replicas)
            if (replica != from) replica.Apply(happened);
    }
}

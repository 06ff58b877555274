using System.Globalization;
using System.Text;
using CsCheck;
using Gossipdb.Client.Admin;
using Gossipdb.Node.HotKeys;

namespace Gossipdb.Node.Tests.HotKeys;

/// <summary>What the sketch promises, against exact counts.</summary>
public sealed class SpaceSavingTests
{
    // Few keys that come often, and many that come seldom: both are in a stream.
    private static readonly Gen<int> AnyKey = Gen.Frequency((3, Gen.Int[0, 5]), (2, Gen.Int[0, 200]));
    private static readonly Gen<(int Capacity, (int Key, bool IsWrite)[] Stream)> AnyStream =
        Gen.Select(Gen.Int[1, 20], Gen.Select(AnyKey, Gen.Bool).Array[0, 600]);

    [Fact]
    public void A_key_is_between_its_bounds_and_one_that_comes_often_has_a_place() => AnyStream.Sample(given =>
    {
        var sketch = Filled(given.Capacity, given.Stream);
        var exact = given.Stream.GroupBy(static one => one.Key).ToDictionary(static key => Name(key.Key), static key => key.ToList());
        var keys = sketch.Keys().ToDictionary(static key => Text(key.Key));

        Assert.Equal(given.Stream.Length, sketch.Total);
        Assert.True(keys.Count <= given.Capacity);
        foreach (var (name, key) in keys)
        {
            Assert.InRange(exact[name].Count, key.Reads + key.Writes, key.AtMost);
            Assert.True(key.Writes <= exact[name].Count(static one => one.IsWrite));
            Assert.True(key.Reads <= exact[name].Count(static one => !one.IsWrite));
            Assert.True(key.AtMost - key.Reads - key.Writes <= sketch.UnlistedAtMost);
        }

        foreach (var (name, occurrences) in exact)
        {
            if (occurrences.Count > given.Stream.Length / given.Capacity) Assert.Contains(name, keys.Keys);
            if (!keys.ContainsKey(name)) Assert.True(occurrences.Count <= sketch.UnlistedAtMost);
        }

        Assert.True(sketch.UnlistedAtMost <= given.Stream.Length / given.Capacity);
    });

    [Fact]
    public void Counts_of_all_places_add_up_to_all_occurrences() => AnyStream.Sample(given =>
        Assert.Equal(given.Stream.Length, Filled(given.Capacity, given.Stream).Keys().Sum(static key => key.AtMost)));

    [Fact]
    public void Bounds_hold_for_what_several_sketches_say_together() => Gen.Select(AnyStream, AnyStream, AnyStream).Sample((a, b, c) =>
    {
        (int Capacity, (int Key, bool IsWrite)[] Stream)[] all = [a, b, c];
        var merged = TallyMerge.Of([.. all.Select(static one => Tallies(Filled(one.Capacity, one.Stream), one.Stream))]);
        var unlisted = all.Sum(static one => Filled(one.Capacity, one.Stream).UnlistedAtMost);
        var exact = all.SelectMany(static one => one.Stream).CountBy(static one => one.Key).ToDictionary();

        var order = merged.Select(static key => key.AtLeast).ToList();
        Assert.Equal(order.OrderDescending(), order);
        foreach (var key in merged)
        {
            var number = int.Parse(Text(key.Key).AsSpan(4), CultureInfo.InvariantCulture);
            Assert.InRange(exact[number], key.AtLeast, key.AtMost);
        }

        foreach (var (key, count) in exact)
            if (merged.TrueForAll(one => Text(one.Key) != Name(key))) Assert.True(count <= unlisted);
    });

    [Fact]
    public void What_is_forgotten_is_gone()
    {
        var sketch = Filled(4, [(1, true), (2, false)]);

        sketch.Clear();
        sketch.Add(Bytes(Name(3)), 0, isWrite: true);

        Assert.Equal(["key-3"], sketch.Keys().Select(static key => Text(key.Key)));
        Assert.Equal((1, 0), (sketch.Total, sketch.UnlistedAtMost));
    }

    [Fact]
    public void Long_keys_that_begin_alike_are_told_apart_and_only_their_beginning_is_kept()
    {
        var sketch = new SpaceSaving(4);
        var begins = new string('a', 3 * SpaceSaving.KeptBytes);
        sketch.Add(Bytes($"{begins}x"), 0, isWrite: false);
        sketch.Add(Bytes($"{begins}y"), 0, isWrite: false);
        sketch.Add(Bytes($"{begins}y"), 0, isWrite: false);

        var keys = sketch.Keys().OrderBy(static key => key.AtMost).ToList();

        Assert.Equal([1, 2], keys.Select(static key => key.AtMost));
        Assert.All(keys, key =>
            Assert.Equal((SpaceSaving.KeptBytes, begins.Length + 1, true), (key.Key.Kept.Length, key.Key.Length, key.Key.IsCut)));
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        var sketch = new SpaceSaving(64);
        var keys = Enumerable.Range(0, 500).Select(static i => Bytes(Name(i))).ToArray();
        Count(1);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Count(20);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Count(int times)
        {
            for (var i = 0; i < times; i++)
                foreach (var key in keys) sketch.Add(key, 0, isWrite: true);
        }
    }

    private static SpaceSaving Filled(int capacity, (int Key, bool IsWrite)[] stream)
    {
        var sketch = new SpaceSaving(capacity);
        foreach (var (key, isWrite) in stream) sketch.Add(Bytes(Name(key)), PartitionOf(key), isWrite);
        return sketch;
    }

    private static Tallies<HotKey> Tallies(SpaceSaving sketch, (int Key, bool IsWrite)[] stream) => new(
        [.. sketch.Keys().Select(static key => new KeyTally<HotKey>(key.Key, key.Partition, key.AtMost, key.Reads, key.Writes))],
        sketch.UnlistedAtMost,
        partition => stream.Count(one => PartitionOf(one.Key) == partition));

    private static int PartitionOf(int key) => key % 7;

    private static string Name(int key) => $"key-{key}";

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(HotKey key) => Encoding.UTF8.GetString(key.Kept);
}

using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Maps;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Maps;

public class MapTests
{
    private static readonly Bytes Field = Bytes.FromText("views");

    private readonly SimulatedReplica _a = new(CrdtType.Map, 0xA);
    private readonly SimulatedReplica _b = new(CrdtType.Map, 0xB);

    [Fact]
    public void The_name_of_an_increment_outlives_the_removal_of_its_field_until_it_is_settled()
    {
        var id = new OperationId(7, 1, 1000);
        var increment = Update(new CounterIncrement(10));
        _b.Apply(_a.Do(increment, id), _a.Do(new MapRemove([Field])));
        Assert.False(_b.State.IsVisible);
        Assert.True(_b.State.TryGetExecution(increment, id, out _));
        _b.CollectAt(new StableCut(_b.Clock.Copy(), 1000, []));
        Assert.True(_b.State.IsBottom);
    }

    [Fact]
    public void Increments_concurrent_with_the_removal_of_their_field_survive_and_observed_ones_do_not()
    {
        // basho/riak_dt#98: the removed counter came back with its old value.
        _b.Apply(_a.Do(Update(new CounterIncrement(10))));
        var remove = _a.Do(new MapRemove([Field]));
        var increment = _b.Do(Update(new CounterIncrement(1)));
        Assert.Null(_a.State.Read());
        Assert.False(_a.State.IsBottom); // the husk
        _a.Apply(increment);
        _b.Apply(remove);
        Assert.Equal("{views (Counter)=1}", _a.State.Read());
        Assert.Equal(_a.State.Digest(), _b.State.Digest());
    }

    [Fact]
    public void A_name_that_two_sides_used_for_two_types_is_told_at_every_depth_until_one_type_is_left()
    {
        var inner = Bytes.FromText("inner");
        var asCounter = _a.Do(Update(new MapUpdate([new(inner, new CounterIncrement(1))])));
        var asFlag = _b.Do(Update(new MapUpdate([new(inner, new FlagEnable()), new(Field, new FlagEnable())])));
        Assert.Empty(Conflicts(_a));
        _a.Apply(asFlag);
        _b.Apply(asCounter);
        Assert.Equal(["k/views/inner"], Conflicts(_a));
        Assert.Equal(["k/views/inner"], Conflicts(_b));
        Assert.Contains(_a.State.Describe(), line => line.Trim() == "inner (Counter), of several types at this name:");

        _b.Apply(_a.Do(Update(new FlagEnable())));
        Assert.Equal(["k/views", "k/views/inner"], Conflicts(_b));
        Assert.Equal(["k/views"], Conflicts(_b, limit: 1));

        _b.Apply(_a.Do(Update(new MapRemove([inner]))));
        Assert.Equal(["k/views"], Conflicts(_b));
        _b.Apply(_a.Do(new MapRemove([Field])));
        Assert.Empty(Conflicts(_b));
    }

    [Fact]
    public void The_names_of_several_types_are_counted_as_a_pass_over_the_fields_finds_them()
    {
        // Three names, three types, a map within, removals on either side: each state agrees with what its bytes say.
        var random = new Random(11);
        for (var round = 0; round < 300; round++)
        {
            var (one, other) = random.Next(2) == 0 ? (_a, _b) : (_b, _a);
            var done = one.Do(Operation(random, depth: 0));
            if (random.Next(3) > 0 && other.CanApply(done)) other.Apply(done);
            else other.Join(one, whole: true);
            Assert.Equal(Naive((CrdtMap)one.State), ((CrdtMap)one.State).Conflicts);
            Assert.Equal(Naive((CrdtMap)other.State), ((CrdtMap)other.State).Conflicts);
            Assert.Equal(((CrdtMap)one.State).Conflicts, Conflicts(one).Length);
            Assert.Equal(((CrdtMap)one.State).Conflicts, ((CrdtMap)Reading.Decode(one.State.ToBytes())).Conflicts);
        }

        static Operation Operation(Random random, int depth)
        {
            var name = Bytes.FromText($"f{random.Next(3)}");
            return random.Next(4) == 0 ? new MapRemove([name]) : new MapUpdate([new(name, random.Next(depth == 0 ? 4 : 3) switch
            {
                0 => new CounterIncrement(1),
                1 => random.Next(2) == 0 ? new FlagEnable() : new FlagDisable(),
                2 => new SetAdd([name]),
                _ => Operation(random, depth + 1),
            })]);
        }

        static int Naive(CrdtMap map) =>
            map.Fields().GroupBy(field => field.Key.Name).Count(types => types.Count() > 1)
            + map.Fields().Sum(field => field.Value is CrdtMap within ? Naive(within) : 0);
    }

    [Fact]
    public void What_is_wrong_with_a_field_names_it()
    {
        var deep = Update(new MapUpdate([new(Bytes.FromText("n"), new CounterIncrement(-1, CrdtType.GrowOnlyCounter))]));
        Assert.Equal(
            "field 'views': field 'n': a grow-only counter takes no negative amount",
            Assert.Throws<ArgumentException>(() => _a.Do(deep)).Message);
        _a.Do(Update(new CounterIncrement(long.MaxValue)));
        Assert.StartsWith(
            "field 'views': ",
            Assert.Throws<OverflowException>(() => _a.Do(Update(new CounterIncrement(1)))).Message,
            StringComparison.Ordinal);
    }

    private static string[] Conflicts(SimulatedReplica replica, int limit = 100)
    {
        var found = new List<Bytes[]>();
        ((CrdtMap)replica.State).CollectConflicts([Bytes.FromText("k")], found, limit);
        return [.. found.Select(path => string.Join('/', path))];
    }

    [Fact]
    public void A_retried_increment_in_a_field_counts_once()
    {
        var id = new OperationId(1, 1, 1000);
        _a.Do(Update(new CounterIncrement(5)), id);
        _a.Apply(_b.Do(Update(new CounterIncrement(5)), id));
        Assert.Equal("{views (Counter)=5}", _a.State.Read());
    }

    [Fact]
    public void Deleting_a_map_clears_counters_at_every_depth()
    {
        _b.Apply(_a.Do(Update(new MapUpdate([new(Field, new CounterIncrement(3)), new(Field, new FlagEnable())]))));
        var delete = _a.Do(new Delete(CrdtType.Map));
        var increment = _b.Do(Update(new MapUpdate([new(Field, new CounterIncrement(1))])));
        Assert.False(_a.State.IsVisible);
        _b.Apply(delete);
        _a.Apply(increment);
        Assert.Equal("{views (Map)={views (Counter)=1}}", _a.State.Read());
        Assert.Equal(_a.State.Digest(), _b.State.Digest());
    }

    [Fact]
    public void Removing_a_field_removes_every_type_of_that_name()
    {
        _a.Do(new MapUpdate([
            new(Field, new CounterIncrement(1)),
            new(Field, new FlagEnable()),
            new(Bytes.FromText("kept"), new FlagEnable()),
        ]));
        Assert.Equal(3, ((CrdtMap)_a.State).Fields().Length);
        _a.Do(new MapRemove([Field, Field]));
        Assert.Equal("{kept (Flag)=on}", _a.State.Read());
        Assert.False(((CrdtMap)_a.State).TryGet(Field, CrdtType.Counter, out _));
    }

    [Fact]
    public void Says_nothing_where_nothing_changes()
    {
        Assert.True(_a.Do(new MapRemove([Field])).Delta.IsBottom);
        Assert.True(_a.Do(Update(new SetRemove([Field]))).Delta.IsBottom);
        Assert.True(_a.State.IsBottom);
    }

    [Fact]
    public void Refuses_two_operations_on_one_field()
    {
        var twice = new MapUpdate([new(Field, new CounterIncrement(1)), new(Field, new CounterIncrement(1))]);
        Assert.Contains("twice", Assert.Throws<ArgumentException>(() => _a.Do(twice)).Message);
    }

    [Fact]
    public void Nests_as_deep_as_can_be_decoded_and_refuses_more()
    {
        Assert.NotNull(Reading.Decode(_a.Do(Nested(32)).Delta.ToBytes()));
        Assert.Equal(_a.State.ToHex(), Reading.Decode(_a.State.ToBytes()).ToHex());
        Assert.Throws<ArgumentException>(() => _b.Do(Nested(33)));
        Assert.Throws<ArgumentException>(() => _b.Do(Nested(10_000)));
    }

    [Fact]
    public void Pages_go_on_after_a_field_even_where_it_is_gone()
    {
        _a.Do(new MapUpdate([.. Enumerable.Range(10, 90).Select(i => new FieldOperation(Bytes.FromText($"{i}"), new FlagEnable()))]));
        var map = (CrdtMap)_a.State;
        var first = map.Page(after: null, 30);
        Assert.Equal(["10", "39"], new[] { first[0], first[^1] }.Select(f => f.Key.Name.ToString()));
        _a.Do(new MapRemove([first[^1].Key.Name]));
        var second = map.Page(first[^1].Key, 30);
        Assert.Equal("40", second[0].Key.Name.ToString());
        Assert.Equal("41", map.Page(second[0].Key, 1)[0].Key.Name.ToString());
        Assert.Equal(89, map.Count);
        Assert.Equal(map.Count, map.Fields().Length);
    }

    [Fact]
    public void What_is_new_is_a_fragment_of_the_fields_that_changed_and_whole_after_a_removal()
    {
        _a.Do(new MapUpdate([.. Enumerable.Range(0, 1000).Select(i =>
            new FieldOperation(Bytes.FromText($"{i}"), new RegisterAssign(CrdtType.Register, Field)))]));
        _b.Join(_a, whole: true);
        _a.Do(Update(new CounterIncrement(1)));
        var delta = _a.State.DeltaSince(_b.Clock);
        Assert.True(delta.IsFragment && delta.ToBytes().Length < 64);

        _a.Do(new MapRemove([Bytes.FromText("7")]));
        Assert.False(_a.State.DeltaSince(_b.Clock).IsFragment);
        _b.Join(_a, whole: false);
        Assert.Equal(_a.State.Digest(), _b.State.Digest());
        _a.Do(Update(new CounterIncrement(1)));
        Assert.True(_a.State.DeltaSince(_b.Clock).IsFragment);
    }

    private static MapUpdate Update(Operation operation) => new([new(Field, operation)]);

    /// <summary>A counter inside so many maps.</summary>
    private static Operation Nested(int depth)
    {
        Operation operation = new CounterIncrement(1);
        for (var i = 0; i < depth; i++) operation = Update(operation);
        return operation;
    }
}

using Google.Protobuf;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Registers;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Server;

namespace Gossipdb.Node.Tests.Server;

public class WireTests
{
    private const int MaxBatch = 3;
    private static readonly ReplicaId Replica = new(7);
    private readonly VersionVector _clock = new();

    [Fact]
    public void Every_operation_of_the_contract_is_one_of_the_core()
    {
        AssertSame(new CounterIncrement(-5), new() { CounterIncrement = new() { Amount = -5 } });
        AssertSame(new CounterReset(), new() { CounterReset = new() });
        AssertSame(new SetClear(), new() { SetClear = new() });
        AssertSame(new RegisterAssign(CrdtType.Register, Text("v")), new() { RegisterAssign = new() { Value = Raw("v") } });
        AssertSame(
            new RegisterAssign(CrdtType.MultiRegister, Text("v")),
            new() { RegisterAssign = new() { Value = Raw("v"), MultiValue = true } });
        AssertSame(new FlagEnable(), new() { Flag = true });
        AssertSame(new FlagDisable(), new() { Flag = false });
        Assert.Equal([Text("a"), Text("b")], Assert.IsType<SetAdd>(Operation(new() { SetAdd = Elements("a", "b") })).Elements);
        Assert.Equal([Text("a")], Assert.IsType<SetRemove>(Operation(new() { SetRemove = Elements("a") })).Elements);
        Assert.Equal([Text("f")], Assert.IsType<MapRemove>(Operation(new() { MapRemove = new() { Fields = { Raw("f") } } })).Fields);
        var map = Assert.IsType<MapUpdate>(Operation(Field("f", Field("g", new() { Flag = true }))));
        Assert.Equal(Text("f"), map.Fields[0].Field);
        Assert.Equal(new FieldOperation(Text("g"), new FlagEnable()), Assert.IsType<MapUpdate>(map.Fields[0].Operation).Fields[0]);
    }

    [Fact]
    public void Every_operation_the_contract_names_is_translated()
    {
        var operations = Protocol.Update.Descriptor.Oneofs.Single().Fields;
        foreach (var operation in operations)
        {
            var update = new Protocol.Update();
            operation.Accessor.SetValue(update, operation.FieldType switch
            {
                Google.Protobuf.Reflection.FieldType.Bool => true,
                Google.Protobuf.Reflection.FieldType.SInt64 => 1L,
                Google.Protobuf.Reflection.FieldType.String => "",
                _ => operation.MessageType.Parser.ParseFrom(ByteString.Empty),
            });
            var refused = Record.Exception(() => Operation(update));

            // Those without content say so; none is taken for no operation at all.
            Assert.True(
                refused is null or ArgumentException { Message: "the operation names no element or field" },
                $"{operation.Name}: {refused}");
        }
    }

    [Fact]
    public void An_update_that_names_nothing_is_refused()
    {
        AssertRefused("names no operation", new());
        AssertRefused("names no element", new() { SetAdd = new() });
        AssertRefused("names no element", new() { SetRemove = new() });
        AssertRefused("names no element", new() { MapUpdate = new() });
        AssertRefused("names no element", new() { MapRemove = new() });
        AssertRefused("names no element", Field("f", new() { SetAdd = new() }));
        AssertRefused("names no operation", Field("f", new()));
        AssertRefused("names no operation", new() { MapUpdate = new() { Fields = { new Protocol.FieldUpdate { Field = Raw("f") } } } });
    }

    [Fact]
    public void More_elements_or_fields_than_the_limit_are_refused()
    {
        Operation(new() { SetAdd = Elements("a", "b", "c") });
        AssertRefused("names 4", new() { SetAdd = Elements("a", "b", "c", "d") });
        AssertRefused("names 4", new() { SetRemove = Elements("a", "b", "c", "d") });
        AssertRefused("names 4", new() { MapRemove = new() { Fields = { Elements("a", "b", "c", "d").Elements_ } } });
        AssertRefused("names 4", Field("f", new() { SetAdd = Elements("a", "b", "c", "d") }));
    }

    [Fact]
    public void Maps_nest_as_deep_as_the_limit_and_no_deeper()
    {
        Operation(Nested(WireOperations.MaxDepth));
        AssertRefused($"deeper than {WireOperations.MaxDepth}", Nested(WireOperations.MaxDepth + 1));

        // What the node accepts must also get through the parser of the contract.
        Assert.Equal(Nested(WireOperations.MaxDepth), Protocol.Update.Parser.ParseFrom(Nested(WireOperations.MaxDepth).ToByteArray()));
    }

    [Fact]
    public void What_the_wire_accepts_the_core_executes() =>
        Assert.Equal(CrdtType.Map, State(Operation(Nested(WireOperations.MaxDepth))).Type);

    [Fact]
    public void A_type_is_named_where_an_operation_is_one_of_several()
    {
        AssertSame(
            new CounterIncrement(2, CrdtType.BoundedCounter),
            new() { CounterIncrement = new() { Amount = 2 }, Type = Protocol.ValueType.BoundedCounter });
        AssertSame(new SetClear(CrdtType.RemoveWinsSet), new() { SetClear = new(), Type = Protocol.ValueType.RemoveWinsSet });
        AssertSame(new FlagDisable(CrdtType.DisableWinsFlag), new() { Flag = false, Type = Protocol.ValueType.DisableWinsFlag });
        AssertSame(new ExtremumAssign(CrdtType.MaxRegister, 0), new() { NumberAssign = 0 });
        AssertRefused("is not an operation of a Map", new() { Flag = true, Type = Protocol.ValueType.Map });
    }

    [Fact]
    public void A_type_that_is_no_type_of_the_operation_is_refused_and_never_ignored()
    {
        var samples = new Dictionary<string, Protocol.Update>();
        foreach (var operation in Protocol.Update.Descriptor.Oneofs.Single().Fields)
        {
            var update = Protocol.Update.Parser.ParseFrom(Sample(operation.Name));
            samples.Add(operation.Name, update);
            var own = Operation(update).Type;
            var taken = Enum.GetValues<Protocol.ValueType>()
                .Where(type => type != Protocol.ValueType.None && IsTaken(update, type))
                .ToList();
            Assert.Contains(Wire.ToValueType(own), taken);
            Assert.True(taken.Count < 4, $"{operation.Name} is taken for {string.Join(", ", taken)}");
            Assert.False(IsTaken(update, (Protocol.ValueType)99));
        }

        Assert.False(IsTaken(samples["counter_reset"], Protocol.ValueType.BoundedCounter));
        Assert.False(IsTaken(samples["register_assign"], Protocol.ValueType.MultiRegister));
        AssertRefused(
            "TextInsert is not an operation of a Json: the type is Text, or is left out",
            With(samples["text_insert"], Protocol.ValueType.Json));
        AssertRefused(
            "the type is Counter or GrowOnlyCounter or BoundedCounter", With(samples["counter_increment"], Protocol.ValueType.Set));
        AssertRefused(
            "field 'f': TextInsert is not an operation of a Json", Field("f", With(samples["text_insert"], Protocol.ValueType.Json)));

        static bool IsTaken(Protocol.Update update, Protocol.ValueType type)
        {
            try
            {
                Assert.Equal(Wire.ToType(type), Operation(With(update, type)).Type);
                return true;
            }
            catch (ArgumentException refused)
            {
                Assert.Contains("is not an operation of a", refused.Message, StringComparison.Ordinal);
                return false;
            }
        }

        static Protocol.Update With(Protocol.Update update, Protocol.ValueType type)
        {
            var typed = update.Clone();
            typed.Type = type;
            return typed;
        }
    }

    // The least that each operation of the contract is taken with.
    private static byte[] Sample(string operation) => (operation switch
    {
        "counter_increment" => new Protocol.Update { CounterIncrement = new() { Amount = 1 } },
        "counter_reset" => new() { CounterReset = new() },
        "set_add" => new() { SetAdd = Elements("a") },
        "set_remove" => new() { SetRemove = Elements("a") },
        "set_clear" => new() { SetClear = new() },
        "register_assign" => new() { RegisterAssign = new() { Value = Raw("v") } },
        "flag" => new() { Flag = true },
        "map_update" => Field("f", new() { Flag = true }),
        "map_remove" => new() { MapRemove = new() { Fields = { Raw("f") } } },
        "number_assign" => new() { NumberAssign = 1 },
        "sorted_set_assign" => new() { SortedSetAssign = new() { Members = { new Protocol.ScoredMember { Member = Raw("m") } } } },
        "sorted_set_increment" => new() { SortedSetIncrement = new() { Member = Raw("m"), Score = 1 } },
        "sorted_set_remove" => new() { SortedSetRemove = Elements("m") },
        "sequence_insert" => new() { SequenceInsert = new() { Values = { Raw("v") } } },
        "sequence_delete" => new() { SequenceDelete = new() { Count = 1 } },
        "text_insert" => new() { TextInsert = new() { Content = "x" } },
        "text_delete" => new() { TextDelete = new() { Count = 1 } },
        "json_set" => new() { JsonSet = new() { Value = "1" } },
        "json_insert" => new() { JsonInsert = new() { Path = "/-", Value = "1" } },
        "json_remove" => new() { JsonRemove = "" },
        "hyper_log_log_add" => new() { HyperLogLogAdd = Elements("e") },
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "an operation without a sample"),
    }).ToByteArray();

    [Fact]
    public void A_part_is_asked_of_a_type_that_has_it()
    {
        AssertNoPart("a Register has no ranks", new() { Type = Protocol.ValueType.Register, RankOf = Raw("m") });
        AssertNoPart("a Set has no scores", new() { Type = Protocol.ValueType.Set, Scores = new() { Max = 1, Limit = 1 } });
        AssertNoPart("a Text has no pages", new() { Type = Protocol.ValueType.Text, Page = new() { Limit = 1 } });
        AssertNoPart("a Counter has no count", new() { Type = Protocol.ValueType.Counter, Count = new() });
        AssertNoPart("a Map has no paths", new() { Type = Protocol.ValueType.Map, JsonPath = "/a" });
        WireReads.Check(new() { Type = Protocol.ValueType.SortedSet, RankOf = Raw("m") }, MaxBatch);
        WireReads.Check(new() { RankOf = Raw("m") }, MaxBatch);

        static void AssertNoPart(string why, Protocol.Read read) =>
            Assert.Equal(why, Assert.Throws<ArgumentException>(() => WireReads.Check(read, MaxBatch)).Message);
    }

    [Fact]
    public void A_part_of_a_text_is_of_whole_characters_and_ends_where_the_text_does()
    {
        var text = State(new TextInsert(0, "a😀b"));
        Assert.Equal("a😀", Read(text, new() { Span = new() { Start = 0, Count = 3 } }).Text);
        Assert.Equal("😀b", Read(text, new() { Span = new() { Start = 1, Count = uint.MaxValue } }).Text);
        Assert.Equal("", Read(text, new() { Span = new() { Start = 9, Count = 1 } }).Text);
        Assert.Contains(
            "position 2 is between",
            Assert.Throws<ArgumentException>(() => Read(text, new() { Span = new() { Start = 0, Count = 2 } })).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "position 2 is between",
            Assert.Throws<ArgumentException>(() => Read(text, new() { Span = new() { Start = 2, Count = 2 } })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_lifetime_is_in_the_range_that_clients_can_tell_the_end_of()
    {
        Assert.Null(WireOperations.ToLifetimeMs(null));
        Assert.Equal(Replication.Contract.WriteRequest.ForEver, WireOperations.ToLifetimeMs(new() { ForEver = true }));
        Assert.Equal(1, WireOperations.ToLifetimeMs(new() { Milliseconds = 1 }));
        Assert.Equal(Expiry.LongestLifetimeMs, WireOperations.ToLifetimeMs(new() { Milliseconds = Expiry.LongestLifetimeMs }));
        foreach (var ms in new[] { 0, -1, long.MinValue, Expiry.LongestLifetimeMs + 1, long.MaxValue })
            Assert.Contains(
                $"a lifetime of {ms} ms is not from 1 ms",
                Assert.Throws<ArgumentException>(() => WireOperations.ToLifetimeMs(new() { Milliseconds = ms })).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void A_level_is_told_as_it_was_named_or_configured()
    {
        foreach (var text in new[] { "one", "two", "quorum", "all", "7", "one-sloppy", "quorum-sloppy", "3-sloppy" })
        {
            Assert.True(ConsistencyLevel.TryParse(text, out var configured));
            Assert.Equal(configured, WireLevels.Of(null, configured));
            Assert.Equal(configured, WireLevels.Of(new(), configured));
            Assert.Equal(configured, WireLevels.Of(WireLevels.ToLevel(configured), ConsistencyLevel.All));
            Assert.True(WireLevels.IsNamed(WireLevels.ToLevel(configured)));
        }

        Assert.Equal(ConsistencyLevel.Quorum with { IsSloppy = true }, WireLevels.Of(new() { Sloppy = true }, ConsistencyLevel.Quorum));
        Assert.Equal(
            ConsistencyLevel.Quorum,
            WireLevels.Of(new() { Named = Protocol.Level.Types.Named.Quorum }, ConsistencyLevel.Quorum with { IsSloppy = true }));
    }

    [Fact]
    public void Every_type_has_its_value()
    {
        AssertValue(new() { Counter = -5 }, new CounterIncrement(-5));
        AssertValue(new() { Set = Elements("a", "b") }, new SetAdd([Text("b"), Text("a")]));
        AssertValue(
            new() { Register = new() { Value = Raw("v"), TimestampUnixMs = 1_000 } }, new RegisterAssign(CrdtType.Register, Text("v")));
        AssertValue(new() { MultiRegister = Elements("v") }, new RegisterAssign(CrdtType.MultiRegister, Text("v")));
        AssertValue(new() { Flag = true }, new FlagEnable());
        var two = new Protocol.Value { Counter = 2, Type = Protocol.ValueType.Counter };
        AssertValue(
            new() { Map = new() { Fields = { new Protocol.FieldValue { Field = Raw("f"), Value = two } } } },
            new MapUpdate([new FieldOperation(Text("f"), new CounterIncrement(2))]));
    }

    [Fact]
    public void What_nobody_has_written_has_no_value() => Assert.Equal(new Protocol.Value(), Read(null, new()));

    [Fact]
    public void Of_a_set_only_whether_it_holds_an_element_is_said_where_that_was_asked()
    {
        var set = State(new SetAdd([Text("a")]));
        Assert.True(Read(set, new() { Contains = true, Element = Raw("a") }).Contains);
        Assert.False(Read(set, new() { Contains = true, Element = Raw("b") }).Contains);
    }

    [Fact]
    public void A_read_finds_its_way_into_maps()
    {
        var map = State(Operation(Field("f", Field("g", new() { SetAdd = Elements("a") }))));
        Assert.Equal(Elements("a"), Read(map, new() { Path = { Raw("f"), Raw("g") }, Type = Protocol.ValueType.Set }).Set);
        Assert.True(Read(map, new()
        {
            Path = { Raw("f"), Raw("g") },
            Type = Protocol.ValueType.Set,
            Contains = true,
            Element = Raw("a"),
        }).Contains);
        Assert.Equal(Elements("a"), Read(map, new() { Path = { Raw("f"), Raw("g") } }).Map.Fields.Single().Value.Set);
        Assert.Equal(new Protocol.Value(), Read(map, new() { Path = { Raw("f"), Raw("h") } }));
        Assert.Equal(new Protocol.Value(), Read(map, new() { Path = { Raw("h"), Raw("g") } }));
    }

    [Fact]
    public void Until_when_a_key_lives_can_be_read()
    {
        var read = new Protocol.Read { Expiry = new() };
        var result = new Replication.Contract.ReadResult(
            Replication.Contract.Outcome.Done, State(new FlagEnable()), 1, 1, _clock, ExpiresAtMs: 99);
        Assert.Equal(99, WireReads.ToValue(result, read).ExpiresAtUnixMs);
        Assert.Equal(0, WireReads.ToValue(result with { ExpiresAtMs = Expiry.Never }, read).ExpiresAtUnixMs);
    }

    [Fact]
    public void The_types_of_the_contract_are_those_of_the_core_by_name_and_number()
    {
        var types = Enum.GetValues<CrdtType>().Where(type => type != CrdtType.Expiry).ToList();
        foreach (var type in types)
        {
            Assert.Equal(type.ToString(), Wire.ToValueType(type).ToString());
            Assert.Equal(type, Wire.ToType(Wire.ToValueType(type)));
        }

        Assert.Null(Wire.ToType(Protocol.ValueType.None));
        Assert.Equal(types.Count + 1, Enum.GetValues<Protocol.ValueType>().Length);
    }

    [Fact]
    public void A_clock_goes_there_and_back()
    {
        var clock = new VersionVector();
        clock.Advance(new ReplicaId(ulong.MaxValue), 3);
        clock.Advance(new ReplicaId(1), long.MaxValue);

        var message = Wire.ToClock(5, clock);

        Assert.Equal(5u, message.Partition);
        Assert.Equal(clock, Wire.ToVector(message));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void Bytes_go_there_and_back(int length)
    {
        var bytes = Enumerable.Range(1, length).Select(value => (byte)value).ToArray();

        Assert.Equal(bytes, Wire.ToBytes(ByteString.CopyFrom(bytes)).Span.ToArray());
        Assert.Equal(bytes, Wire.ToByteString(new Bytes(bytes)).ToByteArray());
        Assert.Equal(
            bytes, Wire.ToBytes(UnsafeByteOperations.UnsafeWrap(new byte[] { 9 }.Concat(bytes).ToArray().AsMemory(1))).Span.ToArray());
    }

    private static Operation Operation(Protocol.Update update) => WireOperations.ToOperation(update, MaxBatch);

    private static void AssertSame(Operation expected, Protocol.Update update) => Assert.Equal(expected, Operation(update));

    private static void AssertRefused(string why, Protocol.Update update) =>
        Assert.Contains(why, Assert.Throws<ArgumentException>(() => Operation(update)).Message, StringComparison.Ordinal);

    private void AssertValue(Protocol.Value expected, Operation operation)
    {
        expected.Type = Wire.ToValueType(operation.Type);
        Assert.Equal(expected, Read(State(operation), new()));
    }

    private Protocol.Value Read(Crdt.Crdt? state, Protocol.Read read) =>
        WireReads.ToValue(
            new Replication.Contract.ReadResult(Replication.Contract.Outcome.Done, state, 1, 1, _clock), WireReads.Check(read, MaxBatch));

    private static Protocol.Update Field(string field, Protocol.Update update) =>
        new() { MapUpdate = new() { Fields = { new Protocol.FieldUpdate { Field = Raw(field), Update = update } } } };

    private static Protocol.Update Nested(int depth) => depth == 0 ? new() { Flag = true } : Field("f", Nested(depth - 1));

    private static Protocol.Elements Elements(params string[] elements) => new() { Elements_ = { elements.Select(Raw) } };

    private static ByteString Raw(string text) => ByteString.CopyFromUtf8(text);

    private static Bytes Text(string text) => Bytes.FromText(text);

    private Crdt.Crdt State(Operation operation)
    {
        var state = Crdt.Crdt.Bottom(operation.Type);
        var context = new UpdateContext(Replica, _clock, HybridTimestamp.Next(default, 1_000), OperationId.None);
        var delta = state.Mutate(operation, context);
        var clock = _clock.Copy();
        clock.Advance(Replica, context.FirstSequence + context.Count - 1);
        state.Join(_clock, delta, clock);
        return state;
    }
}

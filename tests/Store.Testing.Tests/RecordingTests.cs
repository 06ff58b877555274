using Gossipdb.Checking.History;
using Gossipdb.Testing.Recording;
using Google.Protobuf;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Testing.Tests;

/// <summary>From what goes over the wire to what checkers read.</summary>
public sealed class RecordingTests
{
    private static readonly Gossipdb.Client.Durability? Change = Gossipdb.Client.Durability.Journal;
    private readonly CallLog _log = new();

    public static TheoryData<string, string, string, string?> Changes => new()
    {
        { "{ 'counterIncrement': { 'amount': '3' } }", "counter", "increment", "3" },
        { "{ 'counterIncrement': { 'amount': '-3' }, 'type': 'BOUNDED_COUNTER' }", "bounded-counter", "decrement", "3" },
        { "{ 'counterIncrement': { 'amount': '1' }, 'type': 'GROW_ONLY_COUNTER' }", "counter", "increment", "1" },
        { "{ 'counterReset': {} }", "counter", "reset", null },
        { "{ 'setAdd': { 'elements': ['YQ==', 'Yg=='] } }", "set", "add", "[\"a\",\"b\"]" },
        { "{ 'setRemove': { 'elements': ['YQ=='] }, 'type': 'REMOVE_WINS_SET' }", "remove-wins-set", "remove", "[\"a\"]" },
        { "{ 'setClear': {} }", "set", "delete", null },
        { "{ 'registerAssign': { 'value': 'YQ==' } }", "register", "write", "\"a\"" },
        { "{ 'registerAssign': { 'value': 'NDI=' } }", "register", "write", "42" },
        { "{ 'registerAssign': { 'value': 'MDQy' } }", "register", "write", "\"042\"" },
        { "{ 'registerAssign': { 'value': '/w==' } }", "register", "write", "\"\\\\xff\"" },
        { "{ 'registerAssign': { 'value': 'NDI=', 'multiValue': true } }", "multi-register", "write", "\"42\"" },
        { "{ 'flag': true }", "flag", "enable", null },
        { "{ 'flag': false, 'type': 'DISABLE_WINS_FLAG' }", "disable-wins-flag", "disable", null },
        { "{ 'mapRemove': {} }", "map", "update", null },
        { "{ 'textInsert': {} }", "text", "update", null },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Each_change_has_its_type_operation_and_argument(string update, string type, string op, string? argument)
    {
        Add(new() { Update = Wire.Update.Parser.ParseJson(update.Replace('\'', '"')) }, Change).End(Acked(), null);
        var call = Assert.Single(Calls());
        Assert.Equal((type, op, argument), (call.Type, call.Op, call.Argument?.GetRawText()));
        Assert.Equal((Outcome.Ok, "journal", "quorum"), (call.Outcome, call.Durability, call.Level));
        Assert.Equal([1, 2], call.Receipt!.Nodes);
    }

    [Fact]
    public void A_read_of_nothing_returns_what_the_type_has_for_it()
    {
        Add(Read(Wire.ValueType.Counter)).End(Answer(new()), null);
        Add(Read(Wire.ValueType.Register)).End(Answer(new()), null);
        Add(Read(Wire.ValueType.Set)).End(Answer(new()), null);
        Assert.Equal(["0", null, "[]"], Calls().Select(static call => call.Result?.GetRawText()));
    }

    [Fact]
    public void What_was_deleted_or_read_without_a_type_is_of_the_type_the_key_is_used_as()
    {
        Add(new() { Delete = new() }, Change).End(Acked(), null);
        Add(Read(Wire.ValueType.None)).End(Answer(new()), null);
        Add(Read(Wire.ValueType.Flag)).End(Answer(new() { Flag = true, Type = Wire.ValueType.Flag }), null);
        Assert.Equal(["flag delete", "flag read", "flag read"], Calls().Select(static call => $"{call.Type} {call.Op}"));
    }

    [Fact]
    public void A_call_under_way_has_not_ended_and_one_that_failed_says_what_may_have_become_of_it()
    {
        var increment = new Wire.Request { Update = new() { CounterIncrement = new() { Amount = 1 } } };
        Add(increment, Change);
        Add(increment, Change).End(null, new OperationCanceledException());
        Add(increment, Change).End(null, new Gossipdb.Client.TimedOutException("late"));
        Add(increment, Change).End(null, new Gossipdb.Client.WrongTypeException("a set"));
        Assert.Equal(
            ["never Unknown ", "never Unknown GivenUp", "ended Unknown TimedOut", "ended Refused WrongType"],
            Calls().Select(static call => $"{(call.End is null ? "never" : "ended")} {call.Outcome} {call.Error}"));
    }

    [Fact]
    public void Keys_that_end_with_time_and_reads_of_a_part_are_left_out()
    {
        Add(new() { Update = new() { CounterIncrement = new() { Amount = 1 } } }, Change, "short").End(Acked(), null);
        Add(new() { Expire = new() { Milliseconds = 5 } }, Change, "short").End(Acked(), null);
        Add(new() { Read = new() { Type = Wire.ValueType.Set, Contains = true, Element = ByteString.CopyFromUtf8("a") } })
            .End(Answer(new() { Contains = true }), null);
        Assert.Empty(Calls());
    }

    [Fact]
    public void A_batch_and_a_read_of_several_keys_have_parts()
    {
        var batch = new Wire.Batch();
        batch.Writes.Add(new Wire.KeyWrite { Key = Bytes("a"), Update = new() { RegisterAssign = new() { Value = Bytes("x") } } });
        batch.Writes.Add(new Wire.KeyWrite { Key = Bytes("b"), Update = new() { SetAdd = new() { Elements_ = { Bytes("y") } } } });
        Add(new() { Batch = batch }, Change, "a").End(Acked(), null);
        var values = new Wire.Values();
        values.Values_.Add(new Wire.Value { Register = new() { Value = Bytes("x") }, Type = Wire.ValueType.Register });
        values.Values_.Add(new Wire.Value());
        Add(new() { MultiRead = new() { Keys = { Bytes("a"), Bytes("b") } } }).End(new() { Values = values }, null);

        var calls = Calls();
        Assert.Equal(["batch write a", "batch read a"], calls.Select(static call => $"{call.Type} {call.Op} {call.Key}"));
        Assert.Equal(["register a x", "set b [\"y\"]"], calls[0].Parts!.Select(static part => $"{part.Type} {part.Key} {part.Argument}"));
        Assert.Equal(["register a x", "set b []"], calls[1].Parts!.Select(static part => $"{part.Type} {part.Key} {part.Result}"));
    }

    [Fact]
    public void What_nodes_held_in_the_end_counts_until_something_is_changed()
    {
        _log.NoteFinal([new StateRecord { At = 1, Node = 1, Type = "counter", Key = "k", Final = true }]);
        Add(Read(Wire.ValueType.Counter));
        Assert.Single(_log.Snapshot().Notes);
        Add(new() { Update = new() { CounterIncrement = new() { Amount = 1 } } }, Change);
        Assert.Empty(_log.Snapshot().Notes);
    }

    [Fact]
    public void An_assertion_about_nothing_fails_and_says_what_is_missing()
    {
        using var history = new CallHistory(new RunRecord { Replication = 3 }, static _ => { });
        history.AssertPromises();
        var nothing = Assert.Throws<HistoryAssertionException>(() => history.Assert(HistoryCheck.Stock));
        Assert.Contains("WaitConvergedAsync", nothing.Message, StringComparison.Ordinal);
        Assert.All(nothing.Results, static result => Assert.Equal(Verdict.NotApplicable, result.Verdict));
        Assert.Throws<ArgumentException>(() => history.Assert(HistoryCheck.Linearizable, "quorum"));
        Assert.Throws<ArgumentException>(() => history.Assert(HistoryCheck.Stock, "quorum"));
        foreach (var check in Enum.GetValues<HistoryCheck>())
            Assert.NotEmpty(Assert.Throws<HistoryAssertionException>(() => history.Assert(check)).Results);
    }

    private static Wire.Reply Acked() => new()
    {
        Receipt = new() { Nodes = { 1, 2 }, Required = 2, Level = new() { Named = Wire.Level.Types.Named.Quorum } },
    };

    private static Wire.Reply Answer(Wire.Value value) => new() { Value = value };

    private static Wire.Request Read(Wire.ValueType type) => new() { Read = new() { Type = type } };

    private static ByteString Bytes(string text) => ByteString.CopyFromUtf8(text);

    private TappedCall Add(Wire.Request request, Gossipdb.Client.Durability? durability = null, string key = "k")
    {
        var call = new TappedCall
        {
            Caller = "c",
            Key = Bytes(key),
            Request = request,
            Level = "default",
            Durability = durability,
        };
        _log.Add(call);
        return call;
    }

    private IReadOnlyList<CallRecord> Calls() => WireCalls.Of(_log, _log.Snapshot().Calls).Calls;
}

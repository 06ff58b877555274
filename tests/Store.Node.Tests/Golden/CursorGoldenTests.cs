using Google.Protobuf;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Server;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;

namespace Gossipdb.Node.Tests.Golden;

/// <summary>Cursors that nodes give out with a page and that come back with the question for the next one, perhaps much later.</summary>
public sealed class CursorGoldenTests
{
    private static readonly GoldenFile Cursors = new(
        "cursors.txt",
        """
        Cursors of pages, as nodes give them out and clients keep them.
        Version: none. A cursor is a place in an order that does not change: a new order needs a new way to ask.
        """);

    [Fact]
    public void Cursors_are_encoded_as_approved() => Cursors.Check(
    [
        ("of a set: the last element, in the order of their hashes", PageOf(Elements, Protocol.ValueType.Set, null).Next.ToByteArray()),
        ("of a map: type and name of the last field", PageOf(Fields, Protocol.ValueType.Map, null).Next.ToByteArray()),
        ("of a scan: the last key", WireScans.ToKeys(new ScanPage([(Key("k"), CrdtType.Set)], Key("k"))).Next.ToByteArray()),
    ]);

    [Fact]
    public void From_an_approved_cursor_it_goes_on_behind_the_last_one()
    {
        var cursors = Cursors.Bytes.ToDictionary(line => line.Name.Split(':')[0], line => ByteString.CopyFrom(line.Bytes));
        Assert.Equal(["b", "c"], PageOf(Elements, Protocol.ValueType.Set, null).Elements.Select(Text));
        Assert.Equal(["a"], PageOf(Elements, Protocol.ValueType.Set, cursors["of a set"]).Elements.Select(Text));
        Assert.Equal(["y"], PageOf(Fields, Protocol.ValueType.Map, cursors["of a map"]).Fields.Select(field => Text(field.Field)));
        var range = WireScans.Check(new Protocol.Scan { After = cursors["of a scan"], Limit = 1 }, TestSettings.Parse());
        Assert.Equal(Key("k"), range!.After);
    }

    private static SetAdd Elements { get; } = new([Key("a"), Key("b"), Key("c")]);

    private static MapUpdate Fields { get; } = new(
    [
        new(Key("x"), new CounterIncrement(1)), new(Key("x"), new SetAdd([Key("a")])), new(Key("y"), new CounterIncrement(1)),
    ]);

    private static Protocol.PageValue PageOf(Operation operation, Protocol.ValueType type, ByteString? cursor)
    {
        var state = Crdt.Crdt.Bottom(operation.Type);
        var clock = new VersionVector();
        var context = new UpdateContext(new ReplicaId(1), clock, new HybridTimestamp(1), OperationId.None);
        var delta = state.Mutate(operation, context);
        var seen = clock.Copy();
        seen.Advance(context.Origin, context.Count);
        state.Join(clock, delta, seen);
        var read = new Protocol.Read { Type = type, Page = new Protocol.Page { Cursor = cursor ?? ByteString.Empty, Limit = 2 } };
        return WireReads.ToValue(new ReadResult(Outcome.Done, state, 1, 1, clock), read).Page;
    }

    private static Bytes Key(string text) => Bytes.FromText(text);

    private static string Text(ByteString bytes) => bytes.ToStringUtf8();
}

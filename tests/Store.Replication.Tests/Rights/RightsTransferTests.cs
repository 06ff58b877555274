using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Rights;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.Rights;

public sealed class RightsTransferTests
{
    private readonly StateParts _parts = new();
    private readonly RightsTransfer _rights;

    public RightsTransferTests()
    {
        _rights = Build(_parts);
        _parts.Operate("stock", new CounterIncrement(10, CrdtType.BoundedCounter));
    }

    [Fact]
    public void An_owner_that_asks_is_given_rights_by_an_event()
    {
        _parts.Apply(1);
        _rights.Answer(new RightsRequestMessage(Ids[1], Trio.Key("stock"), [], 4));
        _parts.Replicator.SendMade();
        Assert.Equal((7, 3), (RightsOf(Ids[1]), RightsOf(Ids[0])));
        Assert.Single(_parts.Sent<EventsMessage>()[0].Encoded);
    }

    [Fact]
    public void Who_has_made_no_event_is_given_nothing()
    {
        _rights.Answer(new RightsRequestMessage(Ids[1], Trio.Key("stock"), [], 4));
        Assert.Equal(0, RightsOf(Ids[1]));
    }

    [Fact]
    public void Before_it_goes_a_replica_gives_all_it_has_to_an_owner_that_is_known()
    {
        Assert.Null(_rights.HandOverAll());
        _parts.Apply(2);
        Assert.NotNull(_rights.HandOverAll());
        Assert.Equal((10, 0), (RightsOf(Ids[2]), RightsOf(Ids[0])));
        Assert.Null(_rights.HandOverAll());
    }

    /// <summary>Else nobody could give it rights: whoever has made no event when it ends is inherited from by nobody.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_hears_of_a_bounded_counter_and_has_made_no_event_makes_one(bool byImage)
    {
        var receiver = new StateParts(self: 1);
        var rights = Build(receiver);
        var given = new CounterIncrement(4, CrdtType.BoundedCounter);
        var made = _parts.Operate("shop", new MapUpdate([new FieldOperation(Trio.Key("stock"), given)]));
        foreach (var record in _parts.Effects.Journal) receiver.State.Apply(ReplicaEvent.Decode(record.Record), isAwaited: false);
        rights.Flush();
        Assert.Equal(0, receiver.State.Applied[B]);
        if (byImage) rights.NoteImage(Entries(receiver));
        else rights.Note(made);
        rights.Flush();
        rights.Flush();
        Assert.Equal(1, receiver.State.Applied[B]);
        Assert.Equal([Owners[0], Owners[2]], receiver.SentTo<EventsMessage>());
    }

    [Fact]
    public void Who_hears_of_no_bounded_counter_makes_no_event()
    {
        var receiver = new StateParts(self: 1);
        var rights = Build(receiver);
        rights.Note(receiver.Apply(0, "cart"));
        rights.NoteImage(Entries(receiver));
        rights.Flush();
        Assert.Equal(0, receiver.State.Applied[B]);
    }

    private static Dictionary<Bytes, KeyEntry> Entries(StateParts parts) => new(parts.State.Keys.Entries);

    private long RightsOf(ReplicaId id) =>
        ((BoundedCounter)_parts.State.Keys.Find(Trio.Key("stock"))!.Find(CrdtType.BoundedCounter)!.State).Rights(id, []);

    private static RightsTransfer Build(StateParts parts)
    {
        var state = parts.State;
        var inheritance = new RightsInheritance(state.Id, parts.Peers, state.Applied, state.Durable, state.Keys, parts.Settings);
        var broker = new RightsBroker(state.Id, parts.Peers, state.Keys, inheritance);
        return new RightsTransfer(state, parts.Peers, parts.Gate, broker, inheritance, parts.Replicator, parts.Exchange, parts.Effects);
    }
}

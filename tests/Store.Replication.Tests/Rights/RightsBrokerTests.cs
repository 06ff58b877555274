using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Rights;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.OwnerParts;

namespace Gossipdb.Replication.Tests.Rights;

/// <summary>Of ten that can be taken this replica may take three, the second owner four and the third one three.</summary>
public sealed class RightsBrokerTests
{
    private static readonly Bytes Key = Trio.Key("stock");
    private readonly OwnerParts _parts = new();
    private readonly RightsBroker _broker;

    public RightsBrokerTests()
    {
        var inheritance = new RightsInheritance(Ids[0], _parts.Peers, _parts.Applied, _parts.Durable, _parts.Keys, _parts.Settings);
        _broker = new RightsBroker(Ids[0], _parts.Peers, _parts.Keys, inheritance);
        Do(0, new CounterIncrement(10, CrdtType.BoundedCounter));
        Do(0, new CounterTransfer(Ids[1], 4));
        Do(0, new CounterTransfer(Ids[2], 3));
    }

    [Fact]
    public void The_richest_is_asked_first_and_nobody_for_more_than_is_missing()
    {
        Assert.True(TryWait(8));
        Assert.Equal([(Owners[1], 4L), (Owners[2], 1L)], Asked());
    }

    [Fact]
    public void What_those_within_reach_have_not_is_refused_and_nobody_is_asked()
    {
        Assert.False(TryWait(11));
        _parts.Peers.SetNear(Owners[1], false);
        Assert.False(TryWait(8));
        Assert.Equal((0, 0), (_broker.Count, _parts.Effects.Sent.Count));
    }

    [Fact]
    public void A_decrement_is_tried_again_once_it_has_its_rights()
    {
        TryWait(8);
        Assert.Null(_broker.TakeReady(Trio.Now, _parts.Effects));
        Do(1, new CounterTransfer(Ids[0], 4));
        Assert.Null(_broker.TakeReady(Trio.Now, _parts.Effects));
        Do(2, new CounterTransfer(Ids[0], 1));
        Assert.NotNull(_broker.TakeReady(Trio.Now, _parts.Effects));
        Assert.Equal(0, _broker.Count);
    }

    [Fact]
    public void A_decrement_past_its_deadline_is_refused_with_the_reason()
    {
        TryWait(8);
        var expired = new List<(WriteRequest Request, string Reason)>();
        _broker.TakeExpired(Trio.Now + 999, expired);
        Assert.Empty(expired);
        _broker.TakeExpired(Trio.Now + 1_000, expired);
        Assert.Contains("8 wanted", expired.Single().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_is_asked_gives_what_is_wanted_and_half_of_what_is_left()
    {
        Assert.Equal(new CounterTransfer(Ids[1], 2), _broker.Answer(new RightsRequestMessage(Ids[1], Key, [], 1), isKnown: true));
        Assert.Equal(new CounterTransfer(Ids[1], 3), _broker.Answer(new RightsRequestMessage(Ids[1], Key, [], 9), isKnown: true));
        Assert.Null(_broker.Answer(new RightsRequestMessage(Ids[1], Trio.Key("other"), [], 1), isKnown: true));

        // Nobody would know that one who has made no event had rights, if it ended.
        Assert.Null(_broker.Answer(new RightsRequestMessage(Ids[1], Key, [], 1), isKnown: false));
    }

    private bool TryWait(long amount)
    {
        var request = new WriteRequest
        {
            Key = Key,
            Operation = new CounterIncrement(-amount, CrdtType.BoundedCounter),
            Required = 1,
            DeadlineMs = Trio.Now + 1_000,
        };
        return _broker.TryWait(request, new InsufficientRightsException(amount, 3, 10), Trio.Now, _parts.Effects);
    }

    private IEnumerable<(NodeId To, long Amount)> Asked() =>
        _parts.Effects.Sent.Select(sent => (sent.To, ((RightsRequestMessage)sent.Message).Amount));

    private void Do(int owner, Operation operation)
    {
        var context = new UpdateContext(Ids[owner], _parts.Applied.Copy(), new HybridTimestamp(1), default);
        var state = _parts.Keys.Find(Key)?.Find(operation.Type)?.State ?? Crdt.Crdt.Bottom(operation.Type);
        var made = ReplicaEvent.Create(
            context, [new KeyChange(Key, state.Mutate(operation, context), ChangeKind.Update)], new ByteWriter());
        _parts.Keys.Join(made.Changes[0], made, made.Clock, _parts.Applied);
        _parts.Have(made.Clock);
    }
}

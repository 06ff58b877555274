using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.Events;

public sealed class ReplicatorTests
{
    private readonly StateParts _parts = new();

    [Fact]
    public void The_events_of_a_batch_leave_as_one_message_for_each_owner_within_reach()
    {
        _parts.Peers.SetNear(Owners[2], false);
        MakeNothing(Durability.Memory);
        MakeNothing(Durability.Journal);
        Assert.Empty(_parts.Effects.Sent);

        _parts.Replicator.SendMade();
        _parts.Replicator.SendMade();
        var message = Assert.Single(_parts.Sent<EventsMessage>());
        Assert.Equal([Owners[1]], _parts.SentTo<EventsMessage>());
        Assert.Equal((2, AckWanted.Applied | AckWanted.Durable), (message.Encoded.Count, message.Ack));
    }

    [Fact]
    public void An_event_that_arrives_before_what_it_depends_on_waits_for_that_and_is_not_acked()
    {
        var first = Make(B, Clock(), "cart", "apple", default);
        var second = Make(B, Clock((B, 1)), "cart", "pear", default);
        Take(second, AckWanted.Applied);
        Assert.Equal((0, 1), (_parts.State.Applied[B], _parts.Replicator.Buffered));
        Assert.Equal(0, _parts.Sent<AckMessage>()[^1].Applied);

        Take(first, AckWanted.Applied);
        Assert.Equal((2, 0), (_parts.State.Applied[B], _parts.Replicator.Buffered));
        Assert.Equal(2, _parts.Sent<AckMessage>()[^1].Applied);
    }

    [Fact]
    public void An_event_is_acked_as_durable_once_it_is_on_disk()
    {
        Take(_parts.EventOf(1), AckWanted.Durable);
        _parts.Replicator.SendOwedAcks();
        Assert.Empty(_parts.Sent<AckMessage>());

        _parts.Persist();
        _parts.Replicator.SendOwedAcks();
        _parts.Replicator.SendOwedAcks();
        Assert.Equal((B, 1, 1), Assert.Single(_parts.Sent<AckMessage>()) is var ack ? (ack.Origin, ack.Applied, ack.Durable) : default);
    }

    [Fact]
    public void Nothing_is_applied_or_acked_while_an_image_is_about_to_replace_what_is_here()
    {
        _parts.Gate.LoseMemory(Owners[1]);
        Take(_parts.EventOf(1), AckWanted.Applied);
        Assert.Equal(0, _parts.State.Applied[B]);
        Assert.Empty(_parts.Sent<AckMessage>());
    }

    [Fact]
    public void What_has_not_seen_the_stable_cut_comes_too_late_once_a_node_is_lost()
    {
        var unseen = Make(B, Clock(), "cart", "apple", default);
        _parts.Apply(2);
        _parts.Collect();
        _parts.Peers.Lost.Add(new LostNode(new NodeId(9), AcceptsLoss: false));
        Take(unseen);
        Assert.Equal(0, _parts.State.Applied[B]);

        Take(_parts.EventOf(1));
        Assert.Equal(1, _parts.State.Applied[B]);
    }

    [Fact]
    public void What_is_buffered_of_an_incarnation_goes_when_it_has_ended()
    {
        Take(Make(B, Clock((B, 1)), "cart", "pear", default));
        _parts.Replicator.DropBuffered(B);
        Take(Make(B, Clock(), "cart", "apple", default));
        Assert.Equal(1, _parts.State.Applied[B]);
    }

    private void MakeNothing(Durability durability) =>
        _parts.Replicator.Make([], _parts.State.NewContext(OperationId.None), durability);

    private void Take(ReplicaEvent one, AckWanted ack = AckWanted.None) => _parts.Replicator.Take(
        Owners[1], _parts.Peers.Slots[1], new EventsMessage(B, ack, AnswersFetch: false, More: false, [one.Encoded]), Trio.Now);
}

using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Events;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Tests.Harness;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.StateParts;

namespace Gossipdb.Replication.Tests.Events;

public sealed class EventOutboxTests
{
    private const long DelayMs = 50;
    private readonly StateParts _parts = new(settings: new ReplicaSettings { LazyDelayMs = DelayMs });
    private readonly EventOutbox _outbox;
    private long _nowMs = Trio.Now;

    public EventOutboxTests() => _outbox = new EventOutbox(_parts.State, _parts.Peers, _parts.Settings, _parts.Effects);

    [Fact]
    public void A_write_goes_at_once_to_as_many_owners_as_it_waits_for()
    {
        Make(wanted: 1);
        Assert.Equal([2], Took());
        Make(wanted: 2);
        Assert.Equal([3, 2, 3], Took());
        Make(wanted: EventOutbox.EveryOwner);
        Assert.Equal([2, 3], Took());
    }

    [Fact]
    public void One_owner_gets_it_at_once_though_nobody_waits_for_any()
    {
        Make(wanted: 0);
        Assert.Equal([2], Took());
    }

    [Fact]
    public void The_others_get_all_in_one_message_once_it_is_due()
    {
        Make(wanted: 1);
        Ack(1, applied: 1);
        Make(wanted: 1);
        Ack(1, applied: 2);
        Took();

        _outbox.SendDue(_nowMs + DelayMs - 1);
        Assert.Empty(Took());
        _outbox.SendDue(_nowMs + DelayMs);
        var message = Assert.Single(_parts.Sent<EventsMessage>());
        Assert.Equal((2, AckWanted.Applied), (message.Encoded.Count, message.Ack));
        Assert.Equal([3], Took());
        Assert.False(_outbox.HasLate);
    }

    [Fact]
    public void Every_owner_gets_the_events_in_their_order_whoever_is_waited_for()
    {
        for (var i = 0; i < 30; i++)
        {
            Make(wanted: i % 3);
            if (i % 7 == 3) _outbox.SendDue(_nowMs += DelayMs);
            if (i % 5 == 2) Ack(2, applied: _parts.State.Applied[Ids[0]]);
        }

        _outbox.SendLate();
        foreach (var owner in (int[])[2, 3])
        {
            var got = _parts.Effects.Sent.Where(sent => sent.To.Value == owner)
                .SelectMany(static sent => ((EventsMessage)sent.Message).Encoded)
                .Select(static encoded => ReplicaEvent.Decode(encoded).Last.Sequence);
            Assert.Equal(Enumerable.Range(1, 30).Select(static sequence => (long)sequence), got);
        }
    }

    [Fact]
    public void What_is_not_acked_by_the_next_time_is_asked_of_the_others_as_well()
    {
        Make(wanted: 1, Durability.Journal);
        _outbox.SendDue(_nowMs);
        Took();
        _outbox.SendDue(_nowMs + 1);
        Assert.Equal(AckWanted.Durable, Assert.Single(_parts.Sent<EventsMessage>()).Ack);
        Assert.Equal([3], Took());
    }

    [Fact]
    public void Who_acks_what_an_eager_owner_has_not_takes_its_place_for_a_while()
    {
        Make(wanted: 1);
        _outbox.SendLate();
        Ack(2, applied: 1);
        Took();

        Make(wanted: 1);
        Assert.Equal([3], Took());
        _outbox.SendLate();
        Took();
        Ack(1, applied: 2);
        Ack(2, applied: 2);
        Make(wanted: 1);
        Assert.Equal([3], Took());

        _nowMs += 10_000;
        Make(wanted: 1);
        Assert.Equal([2, 2], Took());
    }

    [Fact]
    public void An_owner_whose_acks_do_not_count_is_no_reason_to_wait()
    {
        _parts.Peers.SetTakesWrites(Owners[1], false);
        Make(wanted: 1);
        Assert.Equal([3], Took());
        _parts.Peers.SetTakesWrites(Owners[2], false);
        Make(wanted: 1);
        Assert.Equal([2, 2, 3], Took());
    }

    [Fact]
    public void Nobody_is_lazy_while_another_owner_makes_events_too()
    {
        _outbox.NoteOthers(_nowMs);
        Make(wanted: 1);
        Assert.Equal([2, 3], Took());
        _nowMs += 1_000;
        Make(wanted: 1);
        Assert.Equal([2], Took());
    }

    [Fact]
    public void What_is_large_does_not_wait()
    {
        _outbox.Add(new byte[100_000], Durability.Memory, wanted: 1);
        _outbox.Send(_nowMs);
        Assert.Equal([2, 3], Took());
    }

    [Fact]
    public void Without_a_delay_every_owner_gets_everything_at_once()
    {
        var outbox = new EventOutbox(_parts.State, _parts.Peers, new ReplicaSettings { LazyDelayMs = 0 }, _parts.Effects);
        outbox.Add([1], Durability.Memory, wanted: 1);
        outbox.Send(_nowMs);
        Assert.Equal([2, 3], Took());
    }

    private void Ack(int slot, long applied) => _parts.Peers.Slots[slot].Applied.Advance(Ids[0], applied);

    private void Make(int wanted, Durability durability = Durability.Memory)
    {
        var made = _parts.State.NewEvent([], _parts.State.NewContext(OperationId.None));
        _parts.State.Apply(made, isAwaited: false);
        _outbox.Add(made.Encoded, durability, wanted);
        _outbox.Send(_nowMs);
    }

    // Who was sent something since the last call, in order.
    private int[] Took()
    {
        int[] sent = [.. _parts.SentTo<EventsMessage>().Select(static node => node.Value)];
        _parts.Effects.Sent.Clear();
        return sent;
    }
}

using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.AntiEntropy;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Events;

/// <summary>
/// Makes events and sends them to the other owners, and applies and acks theirs. The events made in one batch of inputs leave as one
/// message for each peer. What arrives before what it depends on waits in the <see cref="CausalBuffer"/>.
/// </summary>
internal sealed class Replicator(
    PartitionState state, PeerKnowledge peers, RejoinGate gate, EventFetcher fetcher, ReplicaSettings settings, IReplicaEffects effects)
{
    private readonly CausalBuffer _buffer = new(settings.CausalBufferMaxBytes);
    private List<byte[]> _outbox = [];
    private AckWanted _outboxAck;

    /// <summary>How many events wait for their dependencies.</summary>
    public int Buffered => _buffer.Count;

    /// <summary>Names, applies and sends what was just computed against a context.</summary>
    public ReplicaEvent Make(KeyChange[] changes, UpdateContext context, Durability durability, StableCutDecision? decision = null) =>
        Make(state.NewEvent(changes, context, decision), durability);

    /// <summary>Applies and sends an event of this replica's own.</summary>
    public ReplicaEvent Make(ReplicaEvent made, Durability durability)
    {
        state.Apply(made, isAwaited: durability == Durability.Journal);
        _outbox.Add(made.Encoded);
        _outboxAck |= durability == Durability.Memory ? AckWanted.Applied : AckWanted.Durable;
        return made;
    }

    /// <summary>Sends the events made since the last call.</summary>
    public void SendMade()
    {
        if (_outbox.Count == 0) return;
        var message = new EventsMessage(state.Id, _outboxAck, AnswersFetch: false, More: false, _outbox);
        for (var i = 0; i < peers.Slots.Length; i++)
            if (i != peers.OwnSlot && peers.Slots[i].Reachable) effects.Send(peers.Slots[i].Node, message);
        _outbox = [];
        _outboxAck = AckWanted.None;
    }

    /// <summary>Takes events of another node, applies what can be applied, and acks it as asked.</summary>
    /// <param name="from">The node.</param>
    /// <param name="slot">What is known of it as an owner; null of a fallback node.</param>
    /// <param name="message">The events.</param>
    /// <param name="nowMs">Now.</param>
    public void Take(NodeId from, PeerKnowledge.Slot? slot, EventsMessage message, long nowMs)
    {
        // What is here is about to be replaced: nothing is built on it, and nothing acked.
        if (!gate.HasState) return;
        long lastOfSender = 0;
        var isAwaited = (message.Ack & AckWanted.Durable) != 0;
        foreach (var encoded in message.Encoded)
        {
            var arrived = ReplicaEvent.Decode(encoded);
            if (arrived.Origin == message.Sender) lastOfSender = arrived.Last.Sequence;
            if (state.Applied.Contains(arrived.Last) || IsTooLate(arrived)) continue;
            if (arrived.IsApplicableAt(state.Applied))
            {
                state.Apply(arrived, isAwaited);
                ApplyBuffered(isAwaited);
            }
            else
            {
                _buffer.TryAdd(arrived);
                fetcher.NoteAhead(from, arrived.Clock, nowMs, isFallback: slot is null);
            }
        }

        if (slot is not null && (message.Ack & AckWanted.Applied) != 0) Acknowledge(slot);
        if (slot is not null && isAwaited)
        {
            if (state.Durable[message.Sender] >= lastOfSender) Acknowledge(slot);
            else slot.DurableAckOwed = Math.Max(slot.DurableAckOwed, lastOfSender);
        }

        if (message.AnswersFetch) fetcher.FetchAnswered(from, message.More, nowMs);
    }

    /// <summary>Applies what waited for what has been applied by now.</summary>
    public void ApplyBuffered(bool isAwaited)
    {
        while (_buffer.TakeApplicable(state.Applied) is { } next)
            if (!IsTooLate(next)) state.Apply(next, isAwaited);
    }

    /// <summary>Sends the acks that waited for the journal.</summary>
    public void SendOwedAcks()
    {
        foreach (var slot in peers.Slots)
        {
            if (slot.DurableAckOwed == 0 || !slot.Reachable) continue;
            var durable = state.Durable[slot.Replica];
            if (durable <= slot.DurableAckSent) continue;
            Acknowledge(slot);
            if (durable >= slot.DurableAckOwed) slot.DurableAckOwed = 0;
        }
    }

    /// <summary>An incarnation has ended: what waits of it comes from others, where they have it.</summary>
    public void DropBuffered(ReplicaId ended) => _buffer.Drop(ended);

    /// <summary>
    /// A node is lost: what it made may be among what waits here, and would be applied at any time. Whatever others have comes again.
    /// </summary>
    public void DropBuffered() => _buffer.Clear();

    private void Acknowledge(PeerKnowledge.Slot slot)
    {
        slot.DurableAckSent = state.Durable[slot.Replica];
        effects.Send(slot.Node, new AckMessage(state.Id, slot.Replica, state.Applied[slot.Replica], slot.DurableAckSent));
    }

    // Whatever had not seen all of a stable cut was applied before it was decided, but for what a lost node made that others had ceased to
    // listen to. Who holds a slot knows of it by then; somebody who has given one up may still have taken it.
    private bool IsTooLate(ReplicaEvent arrived)
    {
        if ((peers.OwnSlot >= 0 && peers.Lost.Count == 0) || arrived.StableCut is not null) return false;
        var seen = arrived.LeavesOut ? state.Keys.Retired.AddTo(arrived.Clock) : arrived.Clock;
        return !seen.Covers(state.Keys.StableCut.Clock);
    }
}

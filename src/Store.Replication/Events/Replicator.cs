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
/// Makes events and sends them to the other owners. Applies the events of others and acks them. The events made in one batch of inputs
/// leave as one message for each peer. An event that arrives before what it depends on waits in the <see cref="CausalBuffer"/>.
/// </summary>
internal sealed class Replicator(
    PartitionState state, PeerKnowledge peers, RejoinGate gate, EventFetcher fetcher, ReplicaSettings settings, IReplicaEffects effects)
{
    private readonly CausalBuffer _buffer = new(settings.CausalBufferMaxBytes);

    // The event that is being taken. It is lent to whoever applies it, and the next one that arrives takes its place. One that has to wait
    // is read again, as an event of its own.
    private readonly ReplicaEvent _arrived = new();
    private List<byte[]> _outbox = [];
    private AckWanted _outboxAck;

    /// <summary>How many events wait for their dependencies.</summary>
    public int Buffered => _buffer.Count;

    /// <summary>Makes an event of changes that were just computed against a context: names it, applies it and sends it.</summary>
    public ReplicaEvent Make(
        IReadOnlyList<KeyChange> changes, UpdateContext context, Durability durability, StableCutDecision? decision = null) =>
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

        // The next message carries about as many.
        _outbox = new List<byte[]>(_outbox.Count);
        _outboxAck = AckWanted.None;
    }

    /// <summary>Takes events of another node: applies what can be applied, buffers the rest, and acks as asked.</summary>
    /// <param name="from">The node.</param>
    /// <param name="slot">What is known of the node as an owner; null where it is a fallback node.</param>
    /// <param name="message">The events.</param>
    /// <param name="nowMs">Now.</param>
    public void Take(NodeId from, PeerKnowledge.Slot? slot, EventsMessage message, long nowMs)
    {
        // An image is about to replace what is here. So nothing is built on it, and nothing is acked.
        if (!gate.HasState) return;
        long lastOfSender = 0;
        var isAwaited = (message.Ack & AckWanted.Durable) != 0;
        foreach (var encoded in message.Encoded)
        {
            var arrived = _arrived;
            arrived.Read(encoded, state.Keys);
            if (arrived.Origin == message.Sender) lastOfSender = arrived.Last.Sequence;
            if (state.Applied.Contains(arrived.Last) || IsTooLate(arrived)) continue;
            if (arrived.IsApplicableAt(state.Applied))
            {
                state.Apply(arrived, isAwaited);
                ApplyBuffered(isAwaited);
            }
            else
            {
                _buffer.TryAdd(ReplicaEvent.Decode(encoded));
                fetcher.NoteAhead(from, arrived.Clock, nowMs, isFallback: slot is null);
            }
        }

        _arrived.Clear();

        if (slot is not null && (message.Ack & AckWanted.Applied) != 0) Acknowledge(slot);
        if (slot is not null && isAwaited)
        {
            if (state.Durable[message.Sender] >= lastOfSender) Acknowledge(slot);
            else slot.DurableAckOwed = Math.Max(slot.DurableAckOwed, lastOfSender);
        }

        if (message.AnswersFetch) fetcher.FetchAnswered(from, message.More, nowMs);
    }

    /// <summary>Applies the buffered events that can be applied by now.</summary>
    public void ApplyBuffered(bool isAwaited)
    {
        while (_buffer.TakeApplicable(state.Applied) is { } next)
            if (!IsTooLate(next)) state.Apply(next, isAwaited);
    }

    /// <summary>
    /// Applies the events of a damaged journal that can be applied by now. They spread as all events do. Where every owner has been heard,
    /// the rest is lost.
    /// </summary>
    public void ApplySalvaged(bool areOwnersHeard)
    {
        if (state.Salvaged.IsEmpty) return;
        state.Salvaged.Apply(state.Applied, intact =>
        {
            if (IsBehindStableCut(intact)) return false;
            state.Apply(intact, isAwaited: true);
            return true;
        });
        if (areOwnersHeard) state.Salvaged.GiveUp();
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

    /// <summary>An incarnation has ended. Where others have its buffered events, they come from there.</summary>
    public void DropBuffered(ReplicaId ended) => _buffer.Drop(ended);

    /// <summary>
    /// A node is lost. What it made may be buffered here, and would be applied at any later time. So all buffered events are dropped. What
    /// others have comes again.
    /// </summary>
    public void DropBuffered() => _buffer.Clear();

    private void Acknowledge(PeerKnowledge.Slot slot)
    {
        slot.DurableAckSent = state.Durable[slot.Replica];
        effects.Send(slot.Node, new AckMessage(state.Id, slot.Replica, state.Applied[slot.Replica], slot.DurableAckSent));
    }

    // True where an event comes after a stable cut that it has not seen all of. Such events were applied before the cut was decided, with
    // one exception: others may have ceased to listen to a lost node that made some. A holder of a slot knows of the lost node by then. A
    // node that has given up its slot may still take its events.
    private bool IsTooLate(ReplicaEvent arrived)
    {
        return (peers.OwnSlot < 0 || peers.Lost.Count > 0) && IsBehindStableCut(arrived);
    }

    private bool IsBehindStableCut(ReplicaEvent arrived)
    {
        if (arrived.StableCut is not null) return false;
        var seen = arrived.LeavesOut ? state.Keys.Retired.AddTo(arrived.Clock) : arrived.Clock;
        return !seen.Covers(state.Keys.StableCut.Clock);
    }
}

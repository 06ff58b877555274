using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.AntiEntropy;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Events;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Rights;

/// <summary>
/// Moves rights of bounded counters by ordinary events. They are given to an owner that asks, given away before this replica goes, and
/// inherited. An ended id is found by its entry in the clocks. So rights are given only to who has made an event. An owner of a partition
/// that has a bounded counter makes one, if it has made none yet.
/// </summary>
internal sealed class RightsTransfer(
    PartitionState state, PeerKnowledge peers, RejoinGate gate, RightsBroker broker, RightsInheritance inheritance, Replicator replicator,
    ClockExchange exchange, IReplicaEffects effects)
{
    private const int MaxTransfersPerEvent = 500;

    // True while this replica has made no event, and there are bounded counters.
    private bool _hasToBeKnown;

    /// <summary>How many decrements wait for rights.</summary>
    public int Waiting => broker.Count;

    /// <summary>Lets a decrement that was refused for lack of rights wait for them.</summary>
    /// <returns>False where those within reach do not have enough. The decrement is to be refused.</returns>
    public bool TryWait(WriteRequest request, InsufficientRightsException insufficient, long nowMs)
    {
        BecomeKnown();
        return broker.TryWait(request, insufficient, nowMs, effects);
    }

    /// <summary>
    /// Takes out a decrement that has its rights by now, or that cannot get them any more. It is to be tried once more. Null where there is
    /// none.
    /// </summary>
    public WriteRequest? TakeReady(long nowMs) => broker.TakeReady(nowMs, effects);

    /// <inheritdoc cref="RightsBroker.TakeAny"/>
    public WriteRequest? TakeAny() => broker.TakeAny();

    /// <inheritdoc cref="RightsBroker.TakeExpired"/>
    public void TakeExpired(long nowMs, List<(WriteRequest Request, string Reason)> into) => broker.TakeExpired(nowMs, into);

    /// <summary>Gives all rights that this replica holds to another owner. Otherwise they would wait for an id that has ended.</summary>
    /// <returns>
    /// The event that does so; null where there is nothing to give, or nobody to take it. One who has made no event cannot: if it ended
    /// before it makes one, nobody would ever inherit from it.
    /// </returns>
    public Dot? HandOverAll()
    {
        ReplicaId taker = default;
        foreach (var slot in peers.Slots)
            if (slot.Node != peers.Self && slot.Reachable && taker == default && state.Applied[slot.Replica] > 0) taker = slot.Replica;
        if (taker == default) return null;
        Dot? last = null;
        foreach (var some in broker.HandOverAll(taker).Chunk(MaxTransfersPerEvent))
        {
            var context = state.NewContext(OperationId.None);
            var changes = Array.ConvertAll(some, one => KeyMutation.Operate(one.Key, one.Transfer, state.Keys.Find(one.Key), context));
            last = replicator.Make(changes, context, Durability.Memory).Last;
        }

        return last;
    }

    /// <summary>Gives another owner the rights that it asks for, as far as there are any.</summary>
    public void Answer(RightsRequestMessage wanted)
    {
        ReplicaEvent made;
        try
        {
            if (broker.Answer(wanted, state.Applied[wanted.Sender] > 0) is not { } transfer) return;
            var context = state.NewContext(OperationId.None);
            made = state.NewEvent([KeyMutation.Operate(wanted.Key, transfer, state.Keys.Find(wanted.Key), context)], context);
        }
        catch (Exception unforeseen)
        {
            effects.Failed("the hand-over of rights that another owner asked for", unforeseen);
            return;
        }

        replicator.Make(made, Durability.Journal);
    }

    /// <summary>Finds out which rights are inherited by now. Asks the owners that have yet to know of it.</summary>
    public void Tick(long nowMs)
    {
        inheritance.Tick();
        if (inheritance.IsAskDue(nowMs)) exchange.StartWhere(inheritance.IsAwaited, isAlways: true);
    }

    /// <summary>Notes whether an applied event changes a bounded counter.</summary>
    public void Note(ReplicaEvent applied)
    {
        if (_hasToBeKnown || state.Applied[state.Id] > 0) return;
        foreach (var change in applied.Changes) _hasToBeKnown |= RightsBroker.HasBoundedCounter(change.Delta);
    }

    /// <summary>Notes whether there is a bounded counter in an image that was joined.</summary>
    public void NoteImage(IReadOnlyDictionary<Bytes, KeyEntry> entries)
    {
        if (_hasToBeKnown || state.Applied[state.Id] > 0) return;
        foreach (var (_, entry) in entries)
        {
            foreach (var held in entry.Objects) _hasToBeKnown |= RightsBroker.HasBoundedCounter(held.State);
            if (_hasToBeKnown) return;
        }
    }

    /// <summary>Makes an event where one is due because there are bounded counters.</summary>
    public void Flush()
    {
        if (_hasToBeKnown) BecomeKnown();
    }

    /// <summary>Makes an event where this replica has made none. Peers get it before the request for rights that follows it.</summary>
    private void BecomeKnown()
    {
        if (gate.State != ServingState.Serving) return;
        _hasToBeKnown = false;
        if (state.Applied[state.Id] > 0) return;
        replicator.Make([], state.NewContext(OperationId.None), Durability.Journal);
        replicator.SendMade();
    }
}

using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Coordination;
using Gossipdb.Replication.Recovery;
using Gossipdb.Replication.Stability;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication;

// Rights of bounded counters: asked for, handed over, inherited. An id that has ended is found by its entry in the clocks; so whoever is given rights makes an event, if it has made none yet.
public sealed partial class Replica
{
    private readonly RightsInheritance _inheritance;
    private bool _hasToBeKnown;

    /// <summary>The ended ids whose rights in bounded counters this replica may use besides its own, in ascending order.</summary>
    public ReadOnlySpan<ReplicaId> Inherits => _inheritance.Ids;

    /// <summary>
    /// Gives the rights this replica holds in bounded counters to another owner, before its process stops: they would wait for an id that has ended.
    /// </summary>
    /// <returns>The event that does, for <see cref="IsKnownElsewhere"/>; null where there is nothing to give, or nobody to take it.</returns>
    public Dot? HandOverRights(long nowMs) => HandOverRights(nowMs, toAnyone: true);

    private Dot? HandOverRights(long nowMs, bool toAnyone)
    {
        Advance(ref nowMs);
        ReplicaId taker = default;
        foreach (var slot in _peers.Slots)
        {
            if (slot.Node == _self || !slot.Reachable || slot.Replica == default) continue;
            if (taker == default || (_applied[taker] == 0 && _applied[slot.Replica] > 0)) taker = slot.Replica;
        }

        if (taker == default || (_applied[taker] == 0 && !toAnyone)) return null;
        Dot? last = null;
        foreach (var some in _rights.HandOverAll(taker).Chunk(MaxTransfersPerEvent))
        {
            var context = NewContext(OperationId.None);
            var changes = Array.ConvertAll(some, one => Mutation.Operate(one.Key, one.Transfer, _keys.Find(one.Key), context));
            last = Make(changes, context, Durability.Memory).Last;
        }

        return last;
    }

    private void HandOver(RightsRequestMessage wanted, long nowMs)
    {
        ReplicaEvent made;
        try
        {
            if (_rights.Answer(wanted, _applied[wanted.Sender] > 0) is not { } transfer) return;
            var context = NewContext(OperationId.None);
            made = ReplicaEvent.Create(context, [Mutation.Operate(wanted.Key, transfer, _keys.Find(wanted.Key), context)], _scratch, retired: _keys.Retired);
        }
        catch (Exception unforeseen)
        {
            _effects.Failed("the hand-over of rights that another owner asked for", unforeseen);
            return;
        }

        Make(made, Durability.Journal);
    }

    private void TickRights(long nowMs)
    {
        _inheritance.Tick();
        if (!_inheritance.IsAskDue(nowMs)) return;
        for (var i = 0; i < _peers.Slots.Length; i++)
            if (_inheritance.IsAwaited(i) && _peers.Slots[i].Reachable) StartExchange(_peers.Slots[i].Node, startsExchange: true);
    }

    private void NoteGiven(ReplicaEvent applied)
    {
        // No client names a hand-over.
        if (applied.Operation.IsGiven || _hasToBeKnown || _applied[Id] > 0) return;
        foreach (var change in applied.Changes) _hasToBeKnown |= RightsBroker.GivesTo(Id, change.Delta);
    }

    // Peers have the event before the request that follows it.
    private void BecomeKnown()
    {
        if (ServingState != ServingState.Serving) return;
        _hasToBeKnown = false;
        if (_applied[Id] > 0) return;
        Make([], NewContext(OperationId.None), Durability.Journal);
        SendEvents();
    }
}

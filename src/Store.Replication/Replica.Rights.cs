using Gossipdb.Crdt;

namespace Gossipdb.Replication;

// Rights of bounded counters: asked for, handed over, inherited. An id that has ended is found by its entry in the clocks; so whoever is given rights makes an event, if it has made none yet.
public sealed partial class Replica
{
    private readonly Inheritance _inheritance;
    private bool _hasToBeKnown;

    /// <summary>The ended ids whose rights in bounded counters this replica may use besides its own, in ascending order.</summary>
    public ReadOnlySpan<ReplicaId> Inherits => _inheritance.Ids;

    private Dot? HandOverRightsTo(ReplicaId taker, long nowMs)
    {
        Dot? last = null;
        foreach (var some in _rights.HandOverAll(taker).Chunk(MaxTransfersPerEvent))
        {
            var context = NewContext(OperationId.None, nowMs);
            var changes = Array.ConvertAll(some, one => Mutation.Operate(one.Key, one.Transfer, _keys.Find(one.Key), context));
            last = Make(changes, context, Durability.Memory).Last;
        }

        return last;
    }

    private void HandOver(RightsRequestMessage wanted, long nowMs)
    {
        if (_rights.Answer(wanted) is not { } transfer) return;
        var context = NewContext(OperationId.None, nowMs);
        Make([Mutation.Operate(wanted.Key, transfer, _keys.Find(wanted.Key), context)], context, Durability.Journal);
    }

    private void TickRights(long nowMs)
    {
        _inheritance.Tick();
        if (!_inheritance.IsAskDue(nowMs)) return;
        for (var i = 0; i < _peers.Slots.Length; i++)
            if (_inheritance.IsAwaited(i) && _peers.Slots[i].Reachable) SayHello(_peers.Slots[i].Node, nowMs, isHello: true);
    }

    private void NoteGiven(ReplicaEvent applied)
    {
        if (_hasToBeKnown || _applied[Id] > 0) return;
        foreach (var change in applied.Changes) _hasToBeKnown |= RightsDesk.GivesTo(Id, change.Delta);
    }

    private void BecomeKnown(long nowMs)
    {
        if (_applied[Id] == 0)
        {
            if (Standing != Standing.Serving) return;
            Make([], NewContext(OperationId.None, nowMs), Durability.Journal);
        }

        _hasToBeKnown = false;
    }
}

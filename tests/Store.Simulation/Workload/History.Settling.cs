using Gossipdb.Crdt;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Sets;
using Gossipdb.Replication;
using Gossipdb.Replication.Placement;
using Gossipdb.Simulation.Checkers;

namespace Gossipdb.Simulation.Workload;

// The quiet end of a history, and what must be there then.
public sealed partial class History
{
    // Faults stop, every node is up again: all must know the same within bounded time, and do what is left within bounded time of the last
    // thing that falls due.
    private Summary Settle()
    {
        _world.Loss = 0;
        _world.Duplication = 0;
        _world.MaxDelayMs = 5;
        _world.HealAll();
        foreach (var node in _world.Nodes)
        {
            node.Clocks.Set(0);
            node.HoldsDisk = false;

            // Whoever mends the disk starts the node anew.
            if (node.JournalFailedAt is not null) node.Crash();
            if (_world.IsLost(node.Id)) LeaveForGood(node);
            else if (!node.IsUp) node.Start();
        }

        var quietSince = _world.Now;
        var lastDue = quietSince;
        var knewTheSame = false;
        while (true)
        {
            var isSame = _openAttempts == 0 && _openScans == 0 && _convergence.AllKnowTheSame();
            if (isSame && _convergence.NothingIsLeft()) break;
            knewTheSame |= isSame;
            _world.Run(100);
            lastDue = _convergence.LastDueMs(quietSince);
            if (_world.Now - (knewTheSame ? lastDue : quietSince) <= ConvergenceChecker.PatienceMs) continue;
            throw new CheckFailed($"held {string.Join(",", _world.Nodes.Select(node => node.HeldBytes))}, {_openScans} scans; not "
                + $"converged after {_world.Now - quietSince} ms of quiet, {_world.Now - lastDue} ms after anything last fell due: "
                + $"{string.Join(" | ", _world.Nodes.Select(_convergence.Told))}");
        }

        var converged = _world.Now - quietSince;
        var afterLastDue = _world.Now - lastDue;
        _convergence.CheckEqualClocks();
        var last = _world.Nodes.First(node => node.Replica is not null).Replica!;
        CheckFinalState(last);
        _watch.Check();
        ScanChecker.Check(_world);
        return new Summary(
            _operations,
            _done,
            _refused,
            _unsure,
            converged,
            afterLastDue,
            last.Keys.StableCut.Retired.Count,
            last.Keys.Dropped,
            _scans,
            last.Peers.Table().Count(static holder => SlotEpoch.IsForced(holder.Epoch)),
            _failed,
            _rebuilt,
            _stopped);
    }

    private void CheckFinalState(Replica replica)
    {
        NoteLostSlots();
        foreach (var ((key, element), added) in _added)
        {
            var present = replica.Keys.Find(key)?.Find(CrdtType.Set)?.State is AddWinsSet set && set.Contains(element);
            if ((SurvivingAcks(added.AckedBy) > 0 || added.IsHeld) && !added.RemoveRequested && !present)
                throw new CheckFailed($"{element}, acked by {SurvivingAcks(added.AckedBy)}, is lost");
            if (SurvivingAcks(added.RemoveAckedBy) > 0 && present && !_broughtBack.Contains((key, element)))
                throw new CheckFailed($"{element} was removed and came back");
        }

        foreach (var lease in _leases)
        {
            var isThere = replica.Keys.Find(lease.Key)?.AnsweringAt(long.MaxValue - 1) is not null;
            if ((SurvivingAcks(lease.MadeEndlessBy) > 0 || lease.IsEndlessHeld) && !isThere)
                throw new CheckFailed($"{lease.Key} was given an endless life and is gone");
        }

        foreach (var (key, entry) in replica.Keys.Entries)
            if (entry.IsEmpty) throw new CheckFailed($"{key} holds nothing, all is stable, and it was not dropped");
        CheckRestored(replica);
        CheckBatches(replica);
        CheckListed(replica);
        CheckCounter(CounterKey, replica.Keys.Find(CounterKey)?.Find(CrdtType.Counter)?.State is PNCounter counter ? counter.Value : 0);
        CheckCounter(StockKey, _convergence.StockOf(replica)?.Value ?? 0);
    }

    private void CheckCounter(Bytes key, long value)
    {
        long least = 0, most = 0;
        foreach (var increment in _increments.Values)
        {
            if (increment.Key != key) continue;
            var isKept = SurvivingAcks(increment.AckedBy) > 0 || increment.IsHeld;
            if (increment.Amount > 0 ? isKept : increment.MayHaveHappened) least += increment.Amount;
            if (increment.Amount > 0 ? increment.MayHaveHappened : isKept) most += increment.Amount;
        }

        if (value < least || value > most)
            throw new CheckFailed($"the {key} is {value}; by what was acked and attempted it is from {least} to {most}");
        if (key == StockKey && most < 0) throw new CheckFailed($"{-most} more were sold than there were");
    }
}

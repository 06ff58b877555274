using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Sequences;

internal sealed partial class SequenceState<T, TCodec>
{
    /// <summary>
    /// Drops what is wholly dead: elements of which a deletion is stable, with nothing else below them.
    /// An element is settled where some deletion of it is at or below the stable cut, whoever else deleted it.
    /// So every state at the stable cut settles the same elements.
    /// An insertion below an element that is dead at the stable cut had not seen it die. Everyone who collects at the stable cut holds
    /// that insertion.
    /// </summary>
    public void Collect(StableCut cut)
    {
        foreach (var origin in _log.Origins)
        {
            var stable = cut.Clock[origin.Id];
            foreach (ref readonly var item in origin.Items)
            {
                if (item.First.Sequence > stable) break;
                if (item.Kind == LogKind.Insert) continue;
                Apply(item.LastSequence <= stable ? item : item.UpTo(stable), ElementStatus.Settled);
            }
        }

        _log.DropCovered(cut.Clock);

        // A stable execution has lost for good to a lesser one that is stable too.
        foreach (var executions in _tags.All) MarkLosers(executions, ElementStatus.Settled, cut);
        _tags.Drop(cut);
        FoldCounters(cut);
        _elements.Prune();
    }

    private void FoldCounters(StableCut cut)
    {
        var left = new VersionVector();
        foreach (var entry in _counters.Entries)
            if (!cut.HasRetired(entry.Replica)) left.Advance(entry.Replica, entry.Sequence);
        _counters = left;
    }

    /// <summary>What a state at <paramref name="since"/> lacks, where that clock covers this state's stable cut.</summary>
    public SequenceFragment<T> DeltaSince(VersionVector since)
    {
        var log = new List<LogItem>();
        var runs = new List<Segment<T>>();
        foreach (var origin in _log.Origins)
        {
            var known = since[origin.Id];
            long start = 0;
            var items = origin.Items[origin.FirstAbove(known)..];
            foreach (ref readonly var item in items)
            {
                log.Add(item.After(known));
                if (start == 0 && item.Kind == LogKind.Insert) start = log[^1].Start;
            }

            if (start == 0) continue;
            _elements.AddFrom(origin.Id, start, runs);
        }

        _elements.AddDeadAncestors(runs);
        return new SequenceFragment<T> { Log = [.. log], Runs = [.. runs], Tags = _tags.Above(since) };
    }
}

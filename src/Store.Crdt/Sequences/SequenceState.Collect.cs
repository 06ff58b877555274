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
        _hasSettled = false;
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
        if (_hasSettled) Prune();
    }

    private void FoldCounters(StableCut cut)
    {
        var left = new VersionVector();
        foreach (var entry in _counters.Entries)
            if (!cut.HasRetired(entry.Replica)) left.Advance(entry.Replica, entry.Sequence);
        _counters = left;
    }

    private void Prune()
    {
        // How many of a block's elements are needed: all that are not settled, and the ancestors of what is needed.
        var needed = new Dictionary<Block<T>, int>();
        for (var block = _tree.FirstBlock; block is not null; block = _tree.Next(block))
        {
            if (block.Segment.Status == ElementStatus.Settled) continue;
            var (current, count) = (block, block.Segment.Length);
            while (true)
            {
                var isNew = !needed.TryGetValue(current, out var before);
                if (count > before) needed[current] = count;
                var parent = current.Segment.Parent;
                if (!isNew || parent.IsRoot) break;
                current = _index.Find(parent)!;
                count = (int)(parent.Counter - current.Segment.Start) + 1;
            }
        }

        var left = new List<Block<T>>(needed.Count);
        for (var block = _tree.FirstBlock; block is not null; block = _tree.Next(block))
        {
            if (!needed.TryGetValue(block, out var count)) continue;
            block.Segment.Length = count;
            left.Add(block);
        }

        Load(left);
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
            var cursor = _index.Of(origin.Id)!.From(start);
            while (cursor.MoveNext())
            {
                var segment = cursor.Current.Segment;
                runs.Add(segment.Start >= start ? segment : segment.Slice((int)(start - segment.Start), segment.Length));
            }
        }

        AddDeadAncestors(runs);
        return new SequenceFragment<T> { Log = [.. log], Runs = [.. runs], Tags = _tags.Above(since) };
    }

    /// <summary>
    /// Adds the settled ancestors of new elements. A replica that was brought to this state's stable cut without having heard of those
    /// elements may have dropped the ancestors.
    /// </summary>
    private void AddDeadAncestors(List<Segment<T>> runs)
    {
        var needed = new Dictionary<Block<T>, int>();
        foreach (var run in runs)
        {
            for (var id = run.Parent; !id.IsRoot;)
            {
                var block = _index.Find(id)!;
                if (block.Segment.Status != ElementStatus.Settled) break;
                var count = (int)(id.Counter - block.Segment.Start) + 1;
                var isKnown = needed.TryGetValue(block, out var before);
                needed[block] = Math.Max(count, before);
                if (isKnown) break;
                id = block.Segment.Parent;
            }
        }

        if (needed.Count == 0) return;
        foreach (var (block, count) in needed) runs.Add(block.Segment.Slice(0, count));
        runs.Sort(static (a, b) => a.Replica != b.Replica ? a.Replica.CompareTo(b.Replica) : a.Start.CompareTo(b.Start));
    }
}

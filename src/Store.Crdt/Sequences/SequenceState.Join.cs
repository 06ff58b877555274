using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Sequences;

internal sealed partial class SequenceState<T, TCodec>
{
    /// <summary>Joins a change. What this state's clock covers of it is known already.</summary>
    public void Join(SequenceFragment<T> change, VersionVector clock)
    {
        JoinRuns(change, clock);
        foreach (ref readonly var logged in change.Log.AsSpan())
        {
            var known = clock[logged.First.Replica];
            if (logged.LastSequence <= known) continue;
            var item = logged.After(known);
            _log.Add(item);
            Apply(item, ElementStatus.Deleted);
        }

        if (change.Tags is not null) JoinTags(change.Tags);
    }

    /// <summary>Takes in the elements that are new here. What is known may have been dropped already, and stays dropped.</summary>
    private void JoinRuns(SequenceFragment<T> change, VersionVector clock)
    {
        var added = new List<Segment<T>>(change.Runs.Length);
        var hasNew = false;
        foreach (ref readonly var run in change.Runs.AsSpan())
        {
            if (run.Status == ElementStatus.Settled)
            {
                added.Add(run);
                continue;
            }

            var first = FirstNew(change.Log, run.Replica, clock);
            if (run.End <= first) continue;
            added.Add(run.Start >= first ? run : run.Slice((int)(first - run.Start), run.Length));
            _counters.Advance(run.Replica, run.End - 1);
            hasNew = true;
        }

        if (!hasNew) return;
        if (added.Count == 1) _elements.Integrate(added[0]);
        else _elements.Unite(added);
    }

    /// <summary>The counter of the first element a replica inserted in events the clock does not cover.</summary>
    private static long FirstNew(LogItem[] log, ReplicaId replica, VersionVector clock)
    {
        var known = clock[replica];
        foreach (ref readonly var item in log.AsSpan())
            if (item.Kind == LogKind.Insert && item.First.Replica == replica && item.LastSequence > known) return item.After(known).Start;
        return long.MaxValue;
    }

    /// <summary>Joins a state that has been collected at the same stable cut.</summary>
    public void Join(SequenceState<T, TCodec> other)
    {
        _elements.Unite(other._elements.Segments());
        _counters.Merge(other._counters);
        _log.Join(other._log);
        JoinTags(other._tags);
    }

    /// <summary>Of several executions of one insertion the least stays visible.</summary>
    private void JoinTags(SequenceTags tags)
    {
        var changed = new List<SequenceTag[]>();
        _tags.Join(tags, changed);
        foreach (var executions in changed) MarkLosers(executions, ElementStatus.Deleted, cut: null);
    }

    /// <summary>Marks all insertions but the first, of those that are stable where a stable cut is given.</summary>
    private void MarkLosers(SequenceTag[] executions, ElementStatus status, StableCut? cut)
    {
        var isDecided = false;
        foreach (ref readonly var tag in executions.AsSpan())
        {
            if (tag.Length == 0 || cut?.Covers(tag.Dot) == false) continue;
            if (isDecided) _elements.Mark(tag.Dot.Replica, tag.Start, tag.Start + tag.Length, status);
            isDecided = true;
        }
    }

    /// <summary>Does what a logged event did to the elements that are held.</summary>
    private void Apply(in LogItem item, ElementStatus status)
    {
        if (item.IsDeletion) _elements.Mark(item.Target.Replica, item.Start, item.Start + item.Elements, status);
        else if (item.Kind == LogKind.Clear)
            foreach (var entry in item.Cleared!.Entries) _elements.Mark(entry.Replica, 1, entry.Sequence + 1, status);
    }
}

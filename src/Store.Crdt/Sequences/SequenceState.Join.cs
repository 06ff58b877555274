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
        if (added.Count == 1) Integrate(added[0]);
        else Rebuild(Unite(Segments(), added));
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
        Rebuild(Unite(Segments(), other.Segments()));
        _counters.Merge(other._counters);
        _log.Join(other._log);
        JoinTags(other._tags);
    }

    /// <summary>All elements in order of id.</summary>
    private List<Segment<T>> Segments()
    {
        var segments = new List<Segment<T>>(_tree.BlockCount);
        foreach (var replica in _index.Replicas)
        {
            var cursor = replica.From(0);
            while (cursor.MoveNext()) segments.Add(cursor.Current.Segment);
        }

        return segments;
    }

    private void Rebuild(List<Segment<T>> segments) => Load(SequenceBuilder<T>.Build(segments));

    /// <summary>Takes blocks in the order of the document.</summary>
    private void Load(List<Block<T>> blocks)
    {
        _found = null;
        _tree = new BlockTree<T>();
        _tree.Load(blocks);
        _index = new BlockIndex<T>();
        _contentBytes = 0;
        var byId = blocks.ToArray();
        Array.Sort(byId, static (a, b) => a.Segment.Replica != b.Segment.Replica
            ? a.Segment.Replica.CompareTo(b.Segment.Replica) : a.Segment.Start.CompareTo(b.Segment.Start));
        foreach (var block in byId)
        {
            _index.Add(block);
            if (block.IsAlive) _contentBytes += TCodec.Size(block.Segment.Items.AsSpan(block.Segment.Offset, block.Segment.Length));
        }
    }

    /// <summary>The elements of both, each with what has become of it on either side.</summary>
    private static List<Segment<T>> Unite(List<Segment<T>> mine, List<Segment<T>> theirs)
    {
        var result = new List<Segment<T>>(mine.Count + theirs.Count);
        int m = 0, t = 0;
        while (m < mine.Count && t < theirs.Count)
        {
            var (a, b) = (mine[m], theirs[t]);
            var order = a.Replica.CompareTo(b.Replica);
            if (order < 0 || (order == 0 && a.End <= b.Start))
            {
                result.Add(a);
                m++;
            }
            else if (order > 0 || b.End <= a.Start)
            {
                result.Add(b);
                t++;
            }
            else if (a.Start != b.Start)
            {
                // They overlap. What only one of them has goes first.
                var isMine = a.Start < b.Start;
                var cut = (int)Math.Abs(a.Start - b.Start);
                result.Add((isMine ? a : b).Slice(0, cut));
                if (isMine) mine[m] = a.Slice(cut, a.Length);
                else theirs[t] = b.Slice(cut, b.Length);
            }
            else
            {
                var both = Math.Min(a.Length, b.Length);
                result.Add((a.Status >= b.Status ? a : b).Slice(0, both));
                if (both == a.Length) m++;
                else mine[m] = a.Slice(both, a.Length);
                if (both == b.Length) t++;
                else theirs[t] = b.Slice(both, b.Length);
            }
        }

        for (; m < mine.Count; m++) result.Add(mine[m]);
        for (; t < theirs.Count; t++) result.Add(theirs[t]);
        return result;
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
            if (isDecided) Mark(tag.Dot.Replica, tag.Start, tag.Start + tag.Length, status);
            isDecided = true;
        }
    }

    /// <summary>Does what a logged event did to the elements that are held.</summary>
    private void Apply(in LogItem item, ElementStatus status)
    {
        if (item.IsDeletion) Mark(item.Target.Replica, item.Start, item.Start + item.Elements, status);
        else if (item.Kind == LogKind.Clear)
            foreach (var entry in item.Cleared!.Entries) Mark(entry.Replica, 1, entry.Sequence + 1, status);
    }

    /// <summary>Gives elements a status, where they are held and not beyond it already.</summary>
    private void Mark(ReplicaId replica, long start, long end, ElementStatus status)
    {
        if (_index.Of(replica) is not { } blocks) return;
        while (start < end)
        {
            var block = blocks.Find(start);
            if (block is null)
            {
                var cursor = blocks.From(start);
                if (!cursor.MoveNext()) return;
                block = cursor.Current;
                if (block.Segment.Start >= end) return;
            }

            var first = block.Segment.Start;
            var to = Math.Min(end, block.Segment.End);
            if (block.Segment.Status < status) Mark(block, (int)(Math.Max(start, first) - first), (int)(to - first), status);
            start = to;
        }
    }

    private void Mark(Block<T> block, int from, int to, ElementStatus status)
    {
        var wasAlive = block.IsAlive;
        _hasSettled |= status == ElementStatus.Settled;
        if (wasAlive) _contentBytes -= TCodec.Size(block.Segment.Items.AsSpan(block.Segment.Offset + from, to - from));
        if (_found != block) _found = null;
        if (from > 0 && to == block.Segment.Length && GiveToNext(block, from, status)) return;
        if (from == 0 && to < block.Segment.Length && GiveToPrevious(block, to, status)) return;
        if (to < block.Segment.Length) Split(block, to);
        if (from > 0) block = Split(block, from);
        block.Segment.Status = status;
        block.Segment.Items = null;
        block.Segment.Offset = 0;
        if (wasAlive) _tree.Add(block, -block.Segment.Length);
    }

    /// <summary>
    /// The end of a block becomes the beginning of the next one, where that continues it. So backspace makes one tombstone.
    /// </summary>
    private bool GiveToNext(Block<T> block, int from, ElementStatus status)
    {
        var next = _tree.Next(block);
        if (next is null || next.Segment.Status != status || !next.Segment.Continues(block.Segment)) return false;
        var given = block.Segment.Length - from;
        if ((long)given + next.Segment.Length > int.MaxValue) return false;
        if (block.IsAlive) _tree.Add(block, -given);
        block.Segment.Length = from;
        next.Segment.Start -= given;
        next.Segment.Length += given;
        next.Segment.Parent = next.LeftOrigin = block.IdAt(from - 1);
        return true;
    }

    private bool GiveToPrevious(Block<T> block, int to, ElementStatus status)
    {
        var previous = _tree.Previous(block);
        if (previous is null || previous.Segment.Status != status || !block.Segment.Continues(previous.Segment)) return false;
        if ((long)to + previous.Segment.Length > int.MaxValue) return false;
        if (block.IsAlive) _tree.Add(block, -to);
        previous.Segment.Length += to;
        block.LeftOrigin = block.IdAt(to - 1);
        block.Segment = block.Segment.Slice(to, block.Segment.Length);
        block.Capacity -= to;
        return true;
    }

    /// <summary>Cuts a block in two and returns the second part.</summary>
    private Block<T> Split(Block<T> block, int at)
    {
        var right = new Block<T>
        {
            Segment = block.Segment.Slice(at, block.Segment.Length),
            Capacity = block.Capacity - at,
            LeftOrigin = block.IdAt(at - 1),
            RightOrigin = block.RightOrigin,
        };
        if (block.IsAlive) _tree.Add(block, at - block.Segment.Length);
        block.Segment.Length = at;
        block.Capacity = at;
        _tree.InsertAfter(block, right);
        _index.Add(right);
        return right;
    }
}

using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Sequences;

/// <content>What becomes of elements: deleted, settled, dropped.</content>
internal sealed partial class SequenceElements<T, TCodec>
{
    /// <summary>Gives elements a status, where they are held and not beyond it already.</summary>
    public void Mark(ReplicaId replica, long start, long end, ElementStatus status)
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
        if (wasAlive) ContentBytes -= TCodec.Size(block.Segment.Items.AsSpan(block.Segment.Offset + from, to - from));
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

    /// <summary>Drops settled elements with nothing else below them, where any was settled since the last time.</summary>
    public void Prune()
    {
        if (!_hasSettled) return;
        _hasSettled = false;

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

    /// <summary>
    /// Adds the settled ancestors of new elements. A replica that was brought to this state's stable cut without having heard of those
    /// elements may have dropped the ancestors.
    /// </summary>
    public void AddDeadAncestors(List<Segment<T>> runs)
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

using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Counters;

/// <summary>
/// The increments of a counter that carry an operation id: id → its executions.
/// An id counts once, however many coordinators executed it.
/// Where a reset has seen one of the executions, that was the time, and the others count for nothing.
/// So an id stays, cancelled or not, until no further execution can come.
/// Amount and deadline are kept by dot and not by id. A client that wrongly uses an id again for another amount gets one of the two:
/// that of the least dot, the same one at every replica.
/// </summary>
internal sealed class CounterTags(bool withCredits = false)
{
    /// <summary>What a bounded counter will give back for these when they are settled; null for other counters.</summary>
    internal Credits? Credits { get; } = withCredits ? new Credits() : null;

    private TagTable _tags;

    /// <summary>How many operation ids.</summary>
    internal int Count => _tags.Count;

    /// <summary>How many of them have an execution that was not cancelled.</summary>
    internal int Live { get; private set; }

    /// <summary>The sum over the ids, each counted once. Kept while joining, so that reading costs nothing.</summary>
    internal Int128 Sum { get; private set; }

    /// <summary>Whether an operation was executed, cancelled or not, and its least execution.</summary>
    internal static bool TryGetExecution(CounterTags? tags, OperationId id, out Dot dot)
    {
        dot = default;
        if (tags is null || !tags._tags.TryGet(id, out var executions)) return false;
        dot = executions.Span[0].Dot;
        return true;
    }

    /// <summary>
    /// Joins the tags of two sides, either of which may have none.
    /// An id goes only by being settled, and both sides settled the same ones at their common stable cut.
    /// So an execution that is not held, and that the own clock covers, was settled here.
    /// </summary>
    /// <param name="mine">What is held.</param>
    /// <param name="clock">The clock it is held at.</param>
    /// <param name="theirs">What the other side names.</param>
    /// <param name="isReset">Whether the other side is a reset. A reset cancels all it has seen.</param>
    /// <param name="otherClock">What the other side has seen.</param>
    internal static void Join(ref CounterTags? mine, VersionVector clock, CounterTags? theirs, bool isReset, VersionVector otherClock)
    {
        if (isReset) mine?.Cancel(otherClock);
        if (theirs is null) return;
        mine ??= new CounterTags(theirs.Credits is not null);
        foreach (var (id, executions) in theirs._tags)
        {
            var isHeld = mine._tags.TryGet(id, out var held);
            if (Join(held.Span, clock, executions) is not { IsEmpty: false } joined) continue;
            if (isHeld) mine.Set(id, joined);
            else mine.AddNew(id, joined);
        }
    }

    /// <summary>A copy that can be joined into a state.</summary>
    internal CounterTags Copy()
    {
        var copy = new CounterTags(Credits is not null);
        foreach (var (id, executions) in _tags) copy.Set(id, executions);
        return copy;
    }

    /// <summary>Adds the only execution of an id not held yet.</summary>
    internal void Add(OperationId id, CounterTag tag) => Set(id, new Executions(tag));

    // Of an id that was looked for just now: it is not looked for again.
    private void AddNew(OperationId id, in Executions executions)
    {
        _tags.AddNew(id, executions);
        Account(executions, 1);
    }

    /// <summary>Copies the ids with an execution the clock does not cover, each with all its executions.</summary>
    internal CounterTags? Above(VersionVector since)
    {
        CounterTags? result = null;
        foreach (var (id, executions) in _tags)
        {
            if (IsAnyAbove(executions.Span, since)) (result ??= new CounterTags(Credits is not null)).Set(id, executions);
        }

        return result;
    }

    /// <summary>Takes out the ids of which all executions are stable and past their deadline. Null where there are none.</summary>
    internal List<Executions>? TakeSettled(StableCut cut)
    {
        List<Executions>? settled = null;
        foreach (var (id, executions) in _tags)
        {
            if (!IsSettled(executions.Span, cut)) continue;
            (settled ??= []).Add(executions);
            _tags.Remove(id);
            Account(executions, -1);
        }

        if (settled is not null) _tags.Trim();
        return settled;
    }

    internal IEnumerable<string> Describe()
    {
        var lines = new List<string>();
        foreach (var (id, executions) in _tags.Ascending())
        {
            foreach (ref readonly var tag in executions.Span)
            {
                lines.Add($"operation {id}: {(tag.IsCancelled ? "cancelled" : $"{tag.Amount:+0;-0;0}")}  "
                    + $"{{{tag.Dot}}} until {tag.DeadlineUnixMs}");
            }
        }

        return lines;
    }

    internal void Encode(ByteWriter writer)
    {
        writer.WriteVarint((ulong)_tags.Count);
        foreach (var (id, executions) in _tags.Ascending()) Encode(writer, id, executions);
    }

    /// <summary>Reads what <see cref="Encode(ByteWriter)"/> wrote: null where there are none.</summary>
    /// <param name="reader">The bytes.</param>
    /// <param name="withCredits">Whether they are a bounded counter's.</param>
    /// <param name="spare">Tags without credits that nobody looks at any more, to become what is read; null where there are none.</param>
    internal static CounterTags? Decode(ref ByteReader reader, bool withCredits = false, CounterTags? spare = null)
    {
        var count = reader.ReadCount(minimumBytesEach: 21);
        if (count == 0) return null;
        spare?.Clear();
        var tags = spare ?? new CounterTags(withCredits);
        var last = OperationId.None;
        for (var i = 0; i < count; i++)
        {
            // The deadline is a matter of the execution: ids are equal without it.
            var id = new OperationId(reader.ReadFixed64(), reader.ReadVarint(), 0);
            if (!id.IsGiven || (i > 0 && id.CompareTo(last) <= 0))
                throw new CorruptDataException("operation ids are not in ascending order");
            tags.Set(id, DecodeExecutions(ref reader, withCredits));
            last = id;
        }

        return tags;
    }

    /// <summary>Forgets all ids. Nobody looks at them any more.</summary>
    internal void Clear()
    {
        _tags.Clear();
        (Live, Sum) = (0, 0);
    }

    private static void Encode(ByteWriter writer, OperationId id, in Executions executions)
    {
        writer.WriteFixed64(id.Client);
        writer.WriteVarint(id.Number);
        writer.WriteVarint((ulong)executions.Span.Length);
        foreach (ref readonly var tag in executions.Span) tag.Encode(writer);
    }

    private static Executions DecodeExecutions(ref ByteReader reader, bool withCredits)
    {
        var count = reader.ReadCount(minimumBytesEach: 11);
        if (count == 0) throw new CorruptDataException("an operation id has no execution");
        if (count == 1) return new Executions(CounterTag.Decode(ref reader, mayBeInRow: withCredits));
        var executions = new CounterTag[count];
        for (var i = 0; i < count; i++)
        {
            executions[i] = CounterTag.Decode(ref reader, mayBeInRow: withCredits);
            if (i > 0 && executions[i].Dot.CompareTo(executions[i - 1].Dot) <= 0)
                throw new CorruptDataException("executions of an operation are not in ascending order of dot");
        }

        return new Executions(executions);
    }

    private static bool IsSettled(ReadOnlySpan<CounterTag> executions, StableCut cut)
    {
        foreach (ref readonly var tag in executions)
        {
            if (tag.DeadlineUnixMs > cut.DeadlinesPassedUnixMs || !cut.Covers(tag.Dot)) return false;
        }

        return true;
    }

    private static bool IsAnyAbove(ReadOnlySpan<CounterTag> executions, VersionVector since)
    {
        foreach (ref readonly var tag in executions)
        {
            if (!since.Contains(tag.Dot)) return true;
        }

        return false;
    }

    /// <summary>Joins dot by dot. Empty where <paramref name="mine"/> says it all.</summary>
    private static Executions Join(ReadOnlySpan<CounterTag> mine, VersionVector clock, in Executions other)
    {
        var theirs = other.Span;

        // The usual case: news of an id.
        if (mine.IsEmpty && theirs.Length == 1) return clock.Contains(theirs[0].Dot) ? default : other;
        var joined = new List<CounterTag>(mine.Length + theirs.Length);
        var isMine = true;
        int m = 0, t = 0;
        while (m < mine.Length || t < theirs.Length)
        {
            var order = m == mine.Length ? 1 : t == theirs.Length ? -1 : mine[m].Dot.CompareTo(theirs[t].Dot);
            if (order <= 0)
            {
                var isNews = order == 0 && theirs[t].IsCancelled && !mine[m].IsCancelled;
                isMine &= !isNews;
                joined.Add(isNews ? theirs[t] : mine[m]);
            }
            else if (!clock.Contains(theirs[t].Dot))
            {
                isMine = false;
                joined.Add(theirs[t]);
            }

            if (order <= 0) m++;
            if (order >= 0) t++;
        }

        return isMine ? default : new Executions([.. joined]);
    }

    private void Cancel(VersionVector seen)
    {
        foreach (var (id, executions) in _tags)
        {
            var cancelled = executions.Span.ToArray();
            var isNews = false;
            foreach (ref var tag in cancelled.AsSpan())
            {
                if (tag.IsCancelled || !seen.Contains(tag.Dot)) continue;
                tag = tag.Cancel();
                isNews = true;
            }

            if (isNews) Set(id, new Executions(cancelled));
        }
    }

    private void Set(OperationId id, in Executions executions)
    {
        var before = _tags.Set(id, executions);
        if (!before.IsEmpty) Account(before, -1);
        Account(executions, 1);
    }

    private void Account(in Executions executions, int sign)
    {
        Sum += sign * executions.Counted;
        Live += executions.IsLive ? sign : 0;
        Credits?.Add(executions.Span, sign);
    }
}

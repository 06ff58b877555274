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
/// <para>
/// One alone, as in nearly every delta and in most counters, is kept inline, and more in a table. Where there are many counters each lies
/// in the garbage collector's oldest generation: an increment that gives it a new object costs the collector more than all else it does.
/// </para>
/// </summary>
/// <remarks>A mutable struct, kept in one field.</remarks>
internal struct CounterTags
{
    // Not used where there is a table.
    private NamedTag _only;
    private TagTable? _table;

    /// <inheritdoc cref="TagTable.Credits"/>
    internal readonly Credits? Credits => _table?.Credits;

    /// <summary>How many operation ids.</summary>
    internal readonly int Count => _table?.Count ?? (_only.IsNone ? 0 : 1);

    /// <inheritdoc cref="TagTable.Live"/>
    internal readonly int Live => _table?.Live ?? (_only.IsNone || _only.Tag.IsCancelled ? 0 : 1);

    /// <inheritdoc cref="TagTable.Sum"/>
    internal readonly Int128 Sum => _table?.Sum ?? _only.Tag.Amount;

    private readonly int Places => _table?.Places ?? Count;

    /// <summary>The ids in ascending order with their executions. Nothing may be changed meanwhile.</summary>
    private readonly AscendingTags Ascending => new(this, _table?.RentAscending());

    /// <summary>Those of a bounded counter.</summary>
    internal static CounterTags WithCredits() => new() { _table = new TagTable(withCredits: true) };

    /// <summary>Whether an operation was executed, cancelled or not, and its least execution.</summary>
    internal readonly bool TryGetExecution(OperationId id, out Dot dot)
    {
        var isHeld = TryGet(id, out var executions);
        dot = isHeld ? executions.Span[0].Dot : default;
        return isHeld;
    }

    /// <summary>
    /// Joins the tags of two sides, either of which may have none.
    /// An id goes only by being settled, and both sides settled the same ones at their common stable cut.
    /// So an execution that is not held, and that the own clock covers, was settled here.
    /// </summary>
    /// <param name="clock">The clock that these are held at.</param>
    /// <param name="theirs">What the other side names.</param>
    /// <param name="isReset">Whether the other side is a reset. A reset cancels all it has seen.</param>
    /// <param name="otherClock">What the other side has seen.</param>
    internal void Join(VersionVector clock, in CounterTags theirs, bool isReset, VersionVector otherClock)
    {
        if (isReset) Cancel(otherClock);
        for (var place = 0; place < theirs.Places; place++)
        {
            if (!theirs.TryGetAt(place, out var id, out var executions)) continue;
            var isHeld = TryGet(id, out var held);
            if (Join(held.Span, clock, executions) is not { IsEmpty: false } joined) continue;
            if (isHeld) Set(id, joined);
            else AddNew(id, joined, theirs.Credits is not null);
        }
    }

    /// <summary>A copy that can be joined into a state.</summary>
    internal readonly CounterTags Copy() => Above(new VersionVector());

    /// <summary>Adds the only execution of an id not held yet.</summary>
    internal void Add(OperationId id, CounterTag tag) => AddNew(id, new Executions(tag), Credits is not null);

    /// <summary>The ids with an execution the clock does not cover, each with all its executions.</summary>
    internal readonly CounterTags Above(VersionVector since)
    {
        var result = default(CounterTags);
        for (var place = 0; place < Places; place++)
        {
            if (TryGetAt(place, out var id, out var executions) && IsAnyAbove(executions.Span, since))
                result.AddNew(id, executions, Credits is not null);
        }

        return result;
    }

    /// <summary>Takes out the ids of which all executions are stable and past their deadline.</summary>
    /// <param name="cut">What is stable.</param>
    /// <param name="sum">What those come to that were not cancelled.</param>
    /// <param name="live">Gets the executions of those, if it is given.</param>
    /// <returns>How many were not cancelled.</returns>
    internal int TakeSettled(StableCut cut, out Int128 sum, List<Executions>? live = null)
    {
        var count = 0;
        sum = 0;

        // From behind: what is removed moves nothing that is before it.
        for (var place = Places - 1; place >= 0; place--)
        {
            if (!TryGetAt(place, out var id, out var executions) || !IsSettled(executions.Span, cut)) continue;
            Remove(id, executions);
            if (!executions.IsLive) continue;
            sum += executions.Counted;
            count++;
            live?.Add(executions);
        }

        // There are many counters, and most of them rest.
        if (_table is { Count: 0, Credits: null }) _table = null;
        else _table?.Trim();
        return count;
    }

    internal readonly IEnumerable<string> Describe()
    {
        var lines = new List<string>();
        foreach (var (id, executions) in Ascending)
        {
            foreach (ref readonly var tag in executions.Span)
            {
                lines.Add($"operation {id}: {(tag.IsCancelled ? "cancelled" : $"{tag.Amount:+0;-0;0}")}  "
                    + $"{{{tag.Dot}}} until {tag.DeadlineUnixMs}");
            }
        }

        return lines;
    }

    internal readonly void Encode(ByteWriter writer)
    {
        writer.WriteVarint((ulong)Count);
        foreach (var (id, executions) in Ascending) Encode(writer, id, executions);
    }

    /// <summary>Reads what <see cref="Encode(ByteWriter)"/> wrote.</summary>
    /// <param name="reader">The bytes.</param>
    /// <param name="withCredits">Whether they are a bounded counter's.</param>
    internal static CounterTags Decode(ref ByteReader reader, bool withCredits = false)
    {
        var count = reader.ReadCount(minimumBytesEach: 21);
        var tags = default(CounterTags);
        var last = OperationId.None;
        for (var i = 0; i < count; i++)
        {
            // The deadline is a matter of the execution: ids are equal without it.
            var id = new OperationId(reader.ReadFixed64(), reader.ReadVarint(), 0);
            if (!id.IsGiven || (i > 0 && id.CompareTo(last) <= 0))
                throw new CorruptDataException("operation ids are not in ascending order");
            tags.AddNew(id, DecodeExecutions(ref reader, withCredits), withCredits);
            last = id;
        }

        return tags;
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
        for (var place = 0; place < Places; place++)
        {
            if (!TryGetAt(place, out var id, out var executions)) continue;
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

    /// <summary>What is held at a place.</summary>
    /// <returns>False where the place is free.</returns>
    internal readonly bool TryGetAt(int place, out OperationId id, out Executions executions)
    {
        if (_table is not null) return _table.TryGetAt(place, out id, out executions);
        (id, executions) = (_only.Id, new Executions(_only.Tag));
        return true;
    }

    private readonly bool TryGet(OperationId id, out Executions executions)
    {
        if (_table is not null) return _table.TryGet(id, out executions);
        var isHeld = !_only.IsNone && _only.Is(id);
        executions = isHeld ? new Executions(_only.Tag) : default;
        return isHeld;
    }

    // Of an id that was looked for just now: it is not looked for again.
    private void AddNew(OperationId id, in Executions executions, bool withCredits)
    {
        if (_table is null && _only.IsNone && executions.Span.Length == 1 && !withCredits) _only = new NamedTag(id, executions.Span[0]);
        else Table(withCredits).AddNew(id, executions);
    }

    // Of an id that is held.
    private void Set(OperationId id, in Executions executions)
    {
        if (_table is null && executions.Span.Length == 1) _only.Tag = executions.Span[0];
        else Table(withCredits: false).Set(id, executions);
    }

    private void Remove(OperationId id, in Executions executions)
    {
        if (_table is null) _only = default;
        else _table.Remove(id, executions);
    }

    private TagTable Table(bool withCredits)
    {
        if (_table is not null) return _table;
        _table = new TagTable(withCredits);
        if (!_only.IsNone) _table.AddNew(_only.Id, new Executions(_only.Tag));
        _only = default;
        return _table;
    }
}

using System.Runtime.InteropServices;

namespace Gossipdb.Crdt;

/// <summary>One execution of a tagged increment. A bounded counter's is <see cref="IsInRow"/> where its amount stands in its origin's row as well.</summary>
internal readonly record struct CounterTag(Dot Dot, long Amount, long DeadlineUnixMs, bool IsInRow = false) : IDotted;

/// <summary>
/// The increments of a counter that carry an operation id: id → its surviving executions. However many coordinators executed one
/// id, it counts once. Amount and deadline are kept by dot and not by id: a client that wrongly reuses an id for another amount gets
/// one of the two (that of the least surviving dot), the same one at every replica, whichever of the executions a reset took away.
/// </summary>
internal sealed class CounterTags(bool withCredits = false)
{
    /// <summary>What a bounded counter will give back for these when they are settled; null for other counters.</summary>
    internal Credits? Credits { get; } = withCredits ? new Credits() : null;

    private readonly Dictionary<OperationId, CounterTag[]> _tags = [];

    /// <summary>How many operation ids.</summary>
    internal int Count => _tags.Count;

    /// <summary>The sum over the ids, each counted once. Kept while joining, so that reading costs nothing.</summary>
    internal Int128 Sum { get; private set; }

    /// <summary>The execution that counts.</summary>
    internal bool TryGet(OperationId id, out CounterTag tag)
    {
        var found = _tags.TryGetValue(id, out var executions);
        tag = found ? executions![0] : default;
        return found;
    }

    /// <summary>Whether an operation was executed, and the execution that counts.</summary>
    internal static bool TryGetExecution(CounterTags? tags, OperationId id, out Dot dot)
    {
        dot = default;
        if (tags is null || !tags.TryGet(id, out var tag)) return false;
        dot = tag.Dot;
        return true;
    }

    /// <summary>Joins what may be no tags at all on either side.</summary>
    internal static void Join(ref CounterTags? mine, VersionVector clock, CounterTags? theirs, bool isFragment, VersionVector otherClock)
    {
        if (theirs is not null) (mine ??= new CounterTags(theirs.Credits is not null)).Join(clock, theirs, isFragment, otherClock);
        else if (!isFragment) mine?.Join(clock, null, isFragment: false, otherClock);
    }

    /// <summary>Adds the only execution of an id not held yet.</summary>
    internal void Add(OperationId id, CounterTag tag) => Set(id, [tag]);

    /// <summary>Joins dot by dot. Where <paramref name="theirs"/> is whole, or null for a whole without tags, ids it does not name are joined with nothing.</summary>
    internal void Join(VersionVector clock, CounterTags? theirs, bool isFragment, VersionVector otherClock)
    {
        if (!isFragment)
        {
            // Removing, and writing through a reference, are what an enumerator of a dictionary survives.
            foreach (var (id, executions) in _tags)
            {
                if (theirs is null || !theirs._tags.ContainsKey(id))
                    Set(id, DotStore.Join<CounterTag>(executions, clock, [], otherClock));
            }
        }

        if (theirs is null) return;
        foreach (var (id, executions) in theirs._tags)
        {
            _tags.TryGetValue(id, out var mine);
            Set(id, DotStore.Join<CounterTag>(mine, clock, executions, otherClock));
        }
    }

    /// <summary>Copies the ids with an execution the clock does not cover, each with all its executions.</summary>
    internal CounterTags? Above(VersionVector since)
    {
        CounterTags? result = null;
        foreach (var (id, executions) in _tags)
        {
            if (DotStore.AnyAbove<CounterTag>(executions, since)) (result ??= new CounterTags(Credits is not null)).Set(id, executions);
        }

        return result;
    }

    /// <summary>Takes out the ids all of whose executions are stable and past their deadline. Null where there are none.</summary>
    internal List<CounterTag[]>? TakeSettled(StableFloor floor)
    {
        List<CounterTag[]>? settled = null;
        foreach (var (id, executions) in _tags)
        {
            if (!IsSettled(executions, floor)) continue;
            (settled ??= []).Add(executions);
            Set(id, []); // an enumerator of a dictionary survives removals
        }

        return settled;
    }

    internal IEnumerable<string> Describe()
    {
        foreach (var id in SortedIds())
        {
            foreach (var tag in _tags[id]) yield return $"operation {id}: {tag.Amount:+0;-0;0}  {{{tag.Dot}}} until {tag.DeadlineUnixMs}";
        }
    }

    internal void Encode(ByteWriter writer)
    {
        writer.WriteVarint((ulong)_tags.Count);
        foreach (var id in SortedIds())
        {
            var executions = _tags[id];
            writer.WriteFixed64(id.Client);
            writer.WriteVarint(id.Number);
            writer.WriteVarint((ulong)executions.Length);
            foreach (ref readonly var tag in executions.AsSpan())
            {
                writer.WriteDot(tag.Dot);
                writer.WriteSigned(tag.Amount);
                writer.WriteSigned(tag.DeadlineUnixMs);
                if (Credits is not null) writer.WriteBool(tag.IsInRow);
            }
        }
    }

    /// <summary>Reads what <see cref="Encode"/> wrote: null where there are none.</summary>
    internal static CounterTags? Decode(ref ByteReader reader, bool withCredits = false)
    {
        var count = reader.ReadCount(minimumBytesEach: 21);
        if (count == 0) return null;
        var tags = new CounterTags(withCredits);
        var last = OperationId.None;
        for (var i = 0; i < count; i++)
        {
            // The deadline is a matter of the execution: ids are equal without it.
            var id = new OperationId(reader.ReadFixed64(), reader.ReadVarint(), 0);
            if (!id.IsPresent || (i > 0 && id.CompareTo(last) <= 0)) throw new CorruptDataException("operation ids are not in ascending order");
            tags.Set(id, DecodeExecutions(ref reader, withCredits));
            last = id;
        }

        return tags;
    }

    private static CounterTag[] DecodeExecutions(ref ByteReader reader, bool withCredits)
    {
        var count = reader.ReadCount(minimumBytesEach: 11);
        if (count == 0) throw new CorruptDataException("an operation id has no execution");
        var executions = new CounterTag[count];
        for (var i = 0; i < count; i++)
        {
            executions[i] = new CounterTag(reader.ReadDot(), reader.ReadSigned(), reader.ReadSigned(), withCredits && reader.ReadBool());
            if (i > 0 && executions[i].Dot.CompareTo(executions[i - 1].Dot) <= 0)
                throw new CorruptDataException("executions of an operation are not in ascending order of dot");
            if (executions[i] is { IsInRow: true, Amount: < 0 }) throw new CorruptDataException("a decrement stands in its row in any case");
        }

        return executions;
    }

    private static bool IsSettled(CounterTag[] executions, StableFloor floor)
    {
        foreach (ref readonly var tag in executions.AsSpan())
        {
            if (tag.DeadlineUnixMs > floor.DeadlinesPassedUnixMs || !floor.Covers(tag.Dot)) return false;
        }

        return true;
    }

    /// <summary>Replaces the executions of an id, none of them being its removal. The array is never changed afterwards.</summary>
    private void Set(OperationId id, CounterTag[] executions)
    {
        ref var held = ref CollectionsMarshal.GetValueRefOrNullRef(_tags, id);
        var isHeld = !System.Runtime.CompilerServices.Unsafe.IsNullRef(ref held);
        if (isHeld) Sum -= held[0].Amount;
        if (executions.Length > 0) Sum += executions[0].Amount;
        if (isHeld) Credits?.Add(held, -1);
        Credits?.Add(executions, 1);

        if (isHeld && executions.Length > 0) held = executions;
        else if (isHeld) _tags.Remove(id);
        else if (executions.Length > 0) _tags.Add(id with { DeadlineUnixMs = 0 }, executions);
    }

    private OperationId[] SortedIds()
    {
        var ids = new OperationId[_tags.Count];
        _tags.Keys.CopyTo(ids, 0);
        Array.Sort(ids);
        return ids;
    }
}

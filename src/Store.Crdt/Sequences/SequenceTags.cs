using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Sequences;

/// <summary>
/// One execution of a tagged insertion (of <paramref name="Length"/> elements from counter <paramref name="Start"/> on),
/// or of a tagged deletion (length 0).
/// </summary>
internal readonly record struct SequenceTag(Dot Dot, long Start, int Length, long DeadlineUnixMs) : IDotted;

/// <summary>
/// The operations of a sequence that carry an operation id: id → its executions in order of dot.
/// So a retry is recognised.
/// </summary>
internal sealed class SequenceTags
{
    // Few: those whose deadline has not passed everywhere. Ordered, because what is done to the losers follows this order.
    private readonly SortedList<OperationId, SequenceTag[]> _tags = [];

    public int Count => _tags.Count;

    /// <summary>The executions of each id.</summary>
    public IList<SequenceTag[]> All => _tags.Values;

    public bool TryGet(OperationId id, out SequenceTag[] executions) => _tags.TryGetValue(id, out executions!);

    public void Add(OperationId id, SequenceTag tag) => _tags.Add(id with { DeadlineUnixMs = 0 }, [tag]);

    /// <summary>Unites the executions. The ids that gained one go to <paramref name="changed"/>.</summary>
    public void Join(SequenceTags other, List<SequenceTag[]> changed)
    {
        var nothing = new VersionVector();
        foreach (var (id, theirs) in other._tags)
        {
            var united = _tags.TryGetValue(id, out var mine) ? DotStore.Join<SequenceTag>(mine, nothing, theirs, nothing) : theirs;
            _tags[id] = united;
            changed.Add(united);
        }
    }

    /// <summary>The ids with an execution the clock does not cover, each with all its executions.</summary>
    public SequenceTags? Above(VersionVector since)
    {
        SequenceTags? result = null;
        foreach (var (id, executions) in _tags)
            if (DotStore.AnyAbove<SequenceTag>(executions, since)) (result ??= new SequenceTags())._tags.Add(id, executions);
        return result;
    }

    /// <summary>Takes out the ids that nobody executes any more and whose every execution is stable.</summary>
    public void Drop(StableCut cut)
    {
        for (var i = _tags.Count - 1; i >= 0; i--)
        {
            var executions = _tags.GetValueAtIndex(i);
            var isOver = !DotStore.AnyAbove<SequenceTag>(executions, cut.Clock);
            foreach (ref readonly var tag in executions.AsSpan()) isOver &= tag.DeadlineUnixMs <= cut.DeadlinesPassedUnixMs;
            if (isOver) _tags.RemoveAt(i);
        }
    }

    public IEnumerable<string> Describe()
    {
        foreach (var (id, executions) in _tags)
            foreach (var tag in executions)
                yield return $"operation {id}: "
                    + $"{(tag.Length == 0 ? "deletion" : $"{tag.Length} from {new ElementId(tag.Dot.Replica, tag.Start)}")}  "
                    + $"{{{tag.Dot}}} until {tag.DeadlineUnixMs}";
    }

    public void Encode(ByteWriter writer)
    {
        writer.WriteVarint((ulong)_tags.Count);
        foreach (var (id, executions) in _tags)
        {
            writer.WriteFixed64(id.Client);
            writer.WriteVarint(id.Number);
            writer.WriteVarint((ulong)executions.Length);
            foreach (ref readonly var tag in executions.AsSpan())
            {
                writer.WriteDot(tag.Dot);
                writer.WriteVarint((ulong)tag.Length);
                if (tag.Length > 0) writer.WriteVarint((ulong)tag.Start);
                writer.WriteSigned(tag.DeadlineUnixMs);
            }
        }
    }

    public static SequenceTags Decode(ref ByteReader reader)
    {
        var tags = new SequenceTags();
        var count = reader.ReadCount(minimumBytesEach: 21);
        var last = OperationId.None;
        for (var i = 0; i < count; i++)
        {
            var id = new OperationId(reader.ReadFixed64(), reader.ReadVarint(), 0);
            if (!id.IsGiven || (i > 0 && id.CompareTo(last) <= 0))
                throw new CorruptDataException("operation ids are not in ascending order");
            var executions = new SequenceTag[reader.ReadCount(minimumBytesEach: 11)];
            if (executions.Length == 0) throw new CorruptDataException("an operation id has no execution");
            for (var j = 0; j < executions.Length; j++)
            {
                var dot = reader.ReadDot();
                var length = reader.ReadVarint();
                if (length > int.MaxValue) throw new CorruptDataException("an insertion is too long");
                executions[j] = new SequenceTag(dot, length == 0 ? 0 : reader.ReadSequence(), (int)length, reader.ReadSigned());
                if (j > 0 && dot.CompareTo(executions[j - 1].Dot) <= 0)
                    throw new CorruptDataException("executions of an operation are not in ascending order of dot");
            }

            tags._tags.Add(id, executions);
            last = id;
        }

        return tags;
    }
}

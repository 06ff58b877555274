using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Sequences;

/// <summary>
/// A list of values, edited by index. What several people insert at one place stays in one piece each.
/// A deletion takes away the values it observed. What is inserted between them meanwhile stays.
/// (Fugue: Weidner, Kleppmann, "The Art of the Fugue", 2023; see <see cref="SequenceState{T, TCodec}"/>.)
/// </summary>
public sealed class Sequence : Crdt
{
    private readonly SequenceState<Bytes, ValueCodec> _state;
    private readonly SequenceFragment<Bytes>? _change;

    internal Sequence()
        : this(new SequenceState<Bytes, ValueCodec>())
    {
    }

    private Sequence(SequenceState<Bytes, ValueCodec> state) => _state = state;

    private Sequence(SequenceFragment<Bytes> change)
    {
        _state = Nothing;
        _change = change;
        IsFragment = true;
    }

    // Where a fragment has its state: never joined into.
    private static readonly SequenceState<Bytes, ValueCodec> Nothing = new();

    /// <inheritdoc/>
    public override CrdtType Type => CrdtType.Sequence;

    /// <summary>How many values.</summary>
    public int Count => _state.Count;

    /// <inheritdoc/>
    public override bool IsVisible => Count > 0;

    /// <inheritdoc/>
    public override bool IsBottom => _change?.IsEmpty ?? _state.IsBottom;

    /// <inheritdoc/>
    public override long ApproximateBytes => _change is null ? _state.ApproximateBytes : SequenceState<Bytes, ValueCodec>.WeightOf(_change);

    /// <summary>Some of the values, in an array of the caller's own; costs what they weigh.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not within the list.</exception>
    public Bytes[] Range(int start, int count)
    {
        CheckRange(start, count);
        var values = new Bytes[count];
        _state.CopyTo(start, values);
        return values;
    }

    /// <inheritdoc/>
    public override void Join(VersionVector clock, Crdt other, VersionVector otherClock)
    {
        var theirs = CheckJoin<Sequence>(other);
        if (theirs._change is not null) _state.Join(theirs._change, clock);
        else _state.Join(theirs._state);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">An index is outside of the list.</exception>
    public override Crdt Mutate(Operation operation, UpdateContext context)
    {
        switch (operation)
        {
            case SequenceInsert insert:
                var index = insert.Index == SequenceInsert.AtEnd ? Count : insert.Index;
                CheckRange(index, 0);
                return new Sequence(_state.Insert(index, [.. insert.Values], context));
            case SequenceDelete delete:
                CheckRange(delete.Index, delete.Count);
                return new Sequence(_state.Delete(delete.Index, delete.Count, context));
            default:
                throw Refusal(operation);
        }
    }

    /// <inheritdoc/>
    public override Crdt Clear(UpdateContext context) => new Sequence(_state.Clear(context));

    /// <inheritdoc/>
    /// <remarks>The saved values come behind those that are here.</remarks>
    public override Crdt? Restore(Crdt saved, UpdateContext context) =>
        CheckSaved<Sequence>(saved) is { Count: > 0 } list
            ? new Sequence(_state.Insert(Count, list.Range(0, list.Count), context))
            : null;

    /// <inheritdoc/>
    public override IEnumerable<Crdt> Parts(long maxBytes)
    {
        var (start, bytes) = (0, 0L);
        for (var end = 1; end <= Count; end++)
        {
            bytes += 1 + _state.ItemAt(end - 1).Length;
            if (bytes < maxBytes && end < Count) continue;
            yield return new Sequence(SequenceState<Bytes, ValueCodec>.Of(Range(start, end - start)));
            (start, bytes) = (end, 0);
        }
    }

    /// <inheritdoc/>
    public override Crdt DeltaSince(VersionVector since) =>
        _change is not null || since.Count == 0 ? this : new Sequence(_state.DeltaSince(since));

    /// <inheritdoc/>
    public override void Collect(StableCut cut)
    {
        if (_change is null) _state.Collect(cut);
    }

    /// <inheritdoc/>
    public override bool TryGetExecution(Operation operation, OperationId id, out Dot dot) => _state.TryGetExecution(id, out dot);

    /// <inheritdoc/>
    public override IEnumerable<string> Describe()
    {
        if (_change is not null) return SequenceState<Bytes, ValueCodec>.Describe(_change);
        var lines = new List<string>(_state.Describe());
        for (var i = 0; i < Count; i++) lines.Add(_state.ItemAt(i).ToDisplayString());
        return lines;
    }

    internal override void EncodeBody(ByteWriter writer)
    {
        if (_change is not null) SequenceState<Bytes, ValueCodec>.Encode(writer, _change);
        else _state.Encode(writer);
    }

    internal static Sequence DecodeBody(ref ByteReader reader, bool isFragment) =>
        isFragment
            ? new Sequence(SequenceState<Bytes, ValueCodec>.DecodeFragment(ref reader))
            : new Sequence(SequenceState<Bytes, ValueCodec>.Decode(ref reader));

    private void CheckRange(int index, int count)
    {
        if (index < 0 || count < 0 || count > Count - index)
            throw new ArgumentOutOfRangeException(null, $"{count} values at index {index} are not within a list of {Count}");
    }

    /// <summary>Each value with its length.</summary>
    internal abstract class ValueCodec : IElementCodec<Bytes>
    {
        public static long Size(ReadOnlySpan<Bytes> items)
        {
            long bytes = 0;
            foreach (ref readonly var item in items) bytes += 1 + item.Length;
            return bytes;
        }

        public static void Write(ByteWriter writer, ReadOnlySpan<Bytes> items)
        {
            foreach (ref readonly var item in items) writer.WriteBytes(item.Span);
        }

        public static Bytes[] Read(ref ByteReader reader, int count)
        {
            var items = count == 0 ? [] : new Bytes[count];
            for (var i = 0; i < count; i++) items[i] = reader.ReadBytes();
            return items;
        }
    }
}

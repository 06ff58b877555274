using System.Text.Unicode;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Sequences;

/// <summary>
/// A text edited by position. Positions and lengths count UTF-16 code units, as in a C# string.
/// What several people type at one place stays in one piece each.
/// A deletion takes away what it observed. What is inserted in the middle of it meanwhile stays.
/// (Fugue: Weidner, Kleppmann, "The Art of the Fugue", 2023; see <see cref="SequenceState{T, TCodec}"/>.)
/// </summary>
public sealed class Text : Crdt
{
    private readonly SequenceState<char, Utf8Codec> _state;
    private readonly SequenceFragment<char>? _change;

    internal Text()
        : this(new SequenceState<char, Utf8Codec>())
    {
    }

    private Text(SequenceState<char, Utf8Codec> state) => _state = state;

    private Text(SequenceFragment<char> change)
    {
        _state = Nothing;
        _change = change;
        IsFragment = true;
    }

    // Where a fragment has its state: never joined into.
    private static readonly SequenceState<char, Utf8Codec> Nothing = new();

    /// <inheritdoc/>
    public override CrdtType Type => CrdtType.Text;

    /// <summary>How many UTF-16 code units.</summary>
    public int Length => _state.Count;

    /// <inheritdoc/>
    public override bool IsVisible => Length > 0;

    /// <inheritdoc/>
    public override bool IsBottom => _change?.IsEmpty ?? _state.IsBottom;

    /// <inheritdoc/>
    public override long ApproximateBytes => _change is null ? _state.ApproximateBytes : SequenceState<char, Utf8Codec>.WeightOf(_change);

    /// <summary>The whole text.</summary>
    public override string ToString() => Substring(0, Length);

    /// <summary>A part of the text; costs what the part weighs.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part is not within the text.</exception>
    /// <exception cref="ArgumentException">
    /// It begins or ends between the halves of a surrogate pair. Put together with its neighbours it would not be the text again.
    /// </exception>
    public string Substring(int start, int count)
    {
        CheckRange(start, count);
        CheckBoundary(start);
        CheckBoundary(start + count);
        return string.Create(count, (_state, start), static (into, from) => from._state.CopyTo(from.start, into));
    }

    /// <inheritdoc/>
    public override void Join(VersionVector clock, Crdt other, VersionVector otherClock)
    {
        var theirs = CheckJoin<Text>(other);
        if (theirs._change is not null) _state.Join(theirs._change, clock);
        else _state.Join(theirs._state);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// A position is outside of the text or between the halves of a surrogate pair, or a text has half of one.
    /// </exception>
    public override Crdt Mutate(Operation operation, UpdateContext context) => operation switch
    {
        TextInsert insert => Insert(insert.Position == TextInsert.AtEnd ? Length : insert.Position, insert.Content, context),
        TextDelete delete => Delete(delete.Position, delete.Count, context),
        _ => throw Refusal(operation),
    };

    /// <inheritdoc/>
    public override Crdt Clear(UpdateContext context) => new Text(_state.Clear(context));

    /// <inheritdoc/>
    /// <remarks>The saved text comes behind the one that is here.</remarks>
    public override Crdt? Restore(Crdt saved, UpdateContext context) =>
        CheckSaved<Text>(saved) is { Length: > 0 } text
            ? Insert(Length, text.ToString(), context)
            : null;

    /// <inheritdoc/>
    public override IEnumerable<Crdt> Parts(long maxBytes)
    {
        // A code unit has three bytes at most.
        var most = (int)Math.Clamp(maxBytes / 3, 2, int.MaxValue / 2);
        for (int start = 0, end; start < Length; start = end)
        {
            end = Math.Min(Length, start + most);
            if (SplitsPair(end)) end--;
            yield return new Text(SequenceState<char, Utf8Codec>.Of(Substring(start, end - start).ToCharArray()));
        }
    }

    /// <inheritdoc/>
    public override Crdt DeltaSince(VersionVector since) =>
        _change is not null || since.Count == 0 ? this : new Text(_state.DeltaSince(since));

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
        if (_change is not null) return SequenceState<char, Utf8Codec>.Describe(_change);
        var end = Math.Min(Length, 64);
        if (SplitsPair(end)) end--;
        var shown = Bytes.FromText(Substring(0, end)).ToDisplayString();
        return [Length > end ? $"\"{shown}\"… ({Length} code units)" : $"\"{shown}\"", .. _state.Describe()];
    }

    internal override void EncodeBody(ByteWriter writer)
    {
        if (_change is not null) SequenceState<char, Utf8Codec>.Encode(writer, _change);
        else _state.Encode(writer);
    }

    internal static Text DecodeBody(ref ByteReader reader, bool isFragment) =>
        isFragment
            ? new Text(SequenceState<char, Utf8Codec>.DecodeFragment(ref reader))
            : new Text(SequenceState<char, Utf8Codec>.Decode(ref reader));

    private Text Insert(int position, string content, UpdateContext context)
    {
        CheckRange(position, 0);
        CheckBoundary(position);
        for (var i = 0; i < content.Length; i++)
        {
            if (!char.IsSurrogate(content[i])) continue;
            if (i + 1 == content.Length || !char.IsSurrogatePair(content[i], content[i + 1]))
                throw new ArgumentException($"the text to insert has half a surrogate pair at {i}, which is no character");
            i++;
        }

        return new Text(_state.Insert(position, content.ToCharArray(), context));
    }

    private Text Delete(int position, int count, UpdateContext context)
    {
        CheckRange(position, count);
        CheckBoundary(position);
        CheckBoundary(position + count);
        return new Text(_state.Delete(position, count, context));
    }

    private void CheckRange(int position, int count)
    {
        if (position < 0 || count < 0 || count > Length - position)
            throw new ArgumentOutOfRangeException(
                null, $"{count} code units at position {position} are not within a text of length {Length}");
    }

    private void CheckBoundary(int position)
    {
        if (SplitsPair(position))
            throw new ArgumentException($"position {position} is between the halves of a surrogate pair, the character at {position - 1}: "
                + $"begin and end there or at {position + 1}");
    }

    private bool SplitsPair(int position) =>
        position > 0
        && position < Length
        && char.IsLowSurrogate(_state.ItemAt(position))
        && char.IsHighSurrogate(_state.ItemAt(position - 1));

    /// <summary>UTF-16 in memory, UTF-8 in bytes.</summary>
    internal abstract class Utf8Codec : IElementCodec<char>
    {
        public static long Size(ReadOnlySpan<char> items)
        {
            long bytes = items.Length;
            foreach (var unit in items)
            {
                if (unit < 0x80) continue;
                bytes += unit < 0x800 || char.IsSurrogate(unit) ? 1 : 2;
            }

            return bytes;
        }

        public static void Write(ByteWriter writer, ReadOnlySpan<char> items)
        {
            Span<byte> small = stackalloc byte[256];
            var bytes = items.Length <= 64 ? small : new byte[items.Length * 3];
            Utf8.FromUtf16(items, bytes, out _, out var written);
            writer.WriteBytes(bytes[..written]);
        }

        public static char[] Read(ref ByteReader reader, int count)
        {
            var bytes = reader.ReadSpan();
            if (count > bytes.Length) throw new CorruptDataException("a text has fewer characters than elements");
            var items = count == 0 ? [] : new char[count];
            var status = Utf8.ToUtf16(bytes, items, out var read, out var written, replaceInvalidSequences: false);
            if (status != System.Buffers.OperationStatus.Done || read != bytes.Length || written != count)
                throw new CorruptDataException("a text is not as long as it says, or not UTF-8");
            return items;
        }
    }
}

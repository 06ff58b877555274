using System.Runtime.InteropServices;

namespace Gossipdb.Crdt;

/// <summary>
/// A set of byte strings: element → the dots of the adds that survive. A remove takes away the adds it observed, so of a concurrent
/// add and remove the add wins. A delta is a fragment: an add names the element with its new dot, a remove names it with none;
/// clearing is the empty whole. (Bieniusa et al., "An optimized conflict-free replicated set", 2012.)
/// </summary>
public sealed class AddWinsSet : Crdt
{
    private readonly Dictionary<Bytes, DotSet> _elements;

    internal AddWinsSet(int capacity = 0) => _elements = new Dictionary<Bytes, DotSet>(capacity);

    /// <inheritdoc/>
    public override CrdtType Type => CrdtType.Set;

    /// <summary>How many elements.</summary>
    public int Count => _elements.Count;

    /// <inheritdoc/>
    public override bool IsVisible => _elements.Count > 0;

    /// <inheritdoc/>
    public override bool IsBottom => _elements.Count == 0;

    /// <summary>True where the element is in the set.</summary>
    public bool Contains(Bytes element) => _elements.ContainsKey(element);

    /// <summary>The elements in ascending order, in an array of the caller's own.</summary>
    public Bytes[] Elements()
    {
        var elements = new Bytes[_elements.Count];
        _elements.Keys.CopyTo(elements, 0);
        Array.Sort(elements);
        return elements;
    }

    /// <inheritdoc/>
    public override void Join(VersionVector clock, Crdt other, VersionVector otherClock)
    {
        var theirs = CheckJoin<AddWinsSet>(other);
        if (!theirs.IsFragment) RemoveUnnamed(theirs, otherClock);
        foreach (var (element, dots) in theirs._elements)
        {
            if (!_elements.TryGetValue(element, out var mine) && dots.IsEmpty) continue;
            var joined = DotSet.Join(mine, clock, dots, otherClock);
            if (joined.IsEmpty) _elements.Remove(element);
            else _elements[element] = joined;
        }
    }

    /// <inheritdoc/>
    public override Crdt Mutate(Operation operation, UpdateContext context) => operation switch
    {
        SetAdd add => Add(add.Elements, context),
        SetRemove remove => Remove(remove.Elements),
        SetClear => Clear(context),
        _ => throw Refusal(operation),
    };

    /// <inheritdoc/>
    public override Crdt Clear(UpdateContext context) => new AddWinsSet();

    /// <inheritdoc/>
    public override IEnumerable<string> Describe()
    {
        foreach (var element in Elements()) yield return $"{element.ToDisplayString()}  {_elements[element]}";
    }

    internal override void EncodeBody(ByteWriter writer)
    {
        writer.WriteVarint((ulong)_elements.Count);
        if (_elements.Count <= 1)
        {
            foreach (var (element, dots) in _elements) EncodeElement(writer, element, dots);
            return;
        }

        foreach (var element in Elements()) EncodeElement(writer, element, _elements[element]);
    }

    internal static AddWinsSet DecodeBody(ref ByteReader reader, bool isFragment)
    {
        var count = reader.ReadCount(minimumBytesEach: isFragment ? 2 : 11);
        var set = new AddWinsSet(count) { IsFragment = isFragment };
        var last = default(Bytes);
        for (var i = 0; i < count; i++)
        {
            var element = reader.ReadBytes();
            if (i > 0 && element.CompareTo(last) <= 0) throw new CorruptDataException("set elements are not in ascending order");
            var dots = DotSet.Decode(ref reader);
            if (dots.IsEmpty && !isFragment) throw new CorruptDataException("a whole set has an element without dots");
            set._elements.Add(element, dots);
            last = element;
        }

        return set;
    }

    private static AddWinsSet Add(IReadOnlyList<Bytes> elements, UpdateContext context)
    {
        var delta = new AddWinsSet(elements.Count) { IsFragment = true };
        for (var i = 0; i < elements.Count; i++)
        {
            // An element named twice is added once.
            ref var dots = ref CollectionsMarshal.GetValueRefOrAddDefault(delta._elements, elements[i], out var exists);
            if (!exists) dots = new DotSet(context.NextDot());
        }

        return delta;
    }

    private AddWinsSet Remove(IReadOnlyList<Bytes> elements)
    {
        var delta = new AddWinsSet { IsFragment = true };
        for (var i = 0; i < elements.Count; i++)
        {
            if (_elements.ContainsKey(elements[i])) delta._elements[elements[i]] = default;
        }

        return delta;
    }

    /// <summary>What a whole state does not name, it holds nothing of: the dots its clock covers go.</summary>
    private void RemoveUnnamed(AddWinsSet theirs, VersionVector otherClock)
    {
        // Removing, and writing through a reference, are what an enumerator of a dictionary survives.
        foreach (var (element, dots) in _elements)
        {
            if (theirs._elements.ContainsKey(element)) continue;
            var left = DotSet.Join(dots, otherClock, default, otherClock);
            if (left.IsEmpty) _elements.Remove(element);
            else CollectionsMarshal.GetValueRefOrNullRef(_elements, element) = left;
        }
    }

    private static void EncodeElement(ByteWriter writer, Bytes element, in DotSet dots)
    {
        writer.WriteBytes(element.Span);
        dots.Encode(writer);
    }
}

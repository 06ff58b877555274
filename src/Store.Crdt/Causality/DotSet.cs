using System.Diagnostics.CodeAnalysis;
using System.Text;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Causality;

/// <summary>
/// The dots of the changes that put something where it is: a set element, an enabled flag. An immutable value; nearly always one
/// dot, which is kept inline.
/// </summary>
internal readonly struct DotSet : IEquatable<DotSet>
{
    private static readonly VersionVector Nothing = new();

    // One dot, or none where its sequence is 0. Not used where there are several.
    private readonly Dot _single;

    // Two or more dots in ascending order, never changed.
    private readonly Dot[]? _several;

    /// <summary>One dot.</summary>
    public DotSet(Dot dot) => _single = dot;

    private DotSet(Dot[] ascending)
    {
        if (ascending.Length > 1) _several = ascending;
        else if (ascending.Length == 1) _single = ascending[0];
    }

    /// <summary>True where there is no dot.</summary>
    public bool IsEmpty => _several is null && _single.Sequence == 0;

    /// <summary>How many dots.</summary>
    public int Count => _several?.Length ?? (_single.Sequence == 0 ? 0 : 1);

    /// <summary>The dots in ascending order.</summary>
    [UnscopedRef]
    public ReadOnlySpan<Dot> Span => _several is not null ? _several : _single.Sequence == 0 ? [] : new ReadOnlySpan<Dot>(in _single);

    /// <summary>The dots that survive on both sides; see <see cref="DotStore"/> for the rule.</summary>
    internal static DotSet Join(in DotSet mine, VersionVector clock, in DotSet theirs, VersionVector otherClock)
    {
        if (mine.IsEmpty && theirs._several is null) return theirs.IsEmpty || clock.Contains(theirs._single) ? default : theirs;
        if (theirs.IsEmpty && mine._several is null) return otherClock.Contains(mine._single) ? default : mine;
        if (mine._several is null && theirs._several is null)
        {
            // One dot on either side: the usual case of a change to what is there, and of two states that agree.
            if (mine._single == theirs._single) return mine;
            var (keepsMine, keepsTheirs) = (!otherClock.Contains(mine._single), !clock.Contains(theirs._single));
            if (keepsMine != keepsTheirs) return keepsMine ? mine : theirs;
            if (!keepsMine) return default;
        }

        return new DotSet(DotStore.Join(mine.Span, clock, theirs.Span, otherClock));
    }

    /// <summary>The dots of either.</summary>
    internal static DotSet Union(in DotSet left, in DotSet right)
    {
        if (left.IsEmpty) return right;
        return right.IsEmpty || left == right ? left : new DotSet(DotStore.Join(left.Span, Nothing, right.Span, Nothing));
    }

    /// <summary>The dots the clock does not cover.</summary>
    internal DotSet Above(VersionVector clock) => Join(this, clock, default, clock);

    /// <summary>The count, then the dots in ascending order.</summary>
    internal void Encode(ByteWriter writer)
    {
        writer.WriteVarint((ulong)Count);
        foreach (var dot in Span) writer.WriteDot(dot);
    }

    internal static DotSet Decode(ref ByteReader reader)
    {
        var count = reader.ReadCount(minimumBytesEach: 9);
        if (count == 0) return default;
        if (count == 1) return new DotSet(reader.ReadDot());
        var dots = new Dot[count];
        for (var i = 0; i < count; i++)
        {
            dots[i] = reader.ReadDot();
            if (i > 0 && dots[i].CompareTo(dots[i - 1]) <= 0) throw new CorruptDataException("dots are not in ascending order");
        }

        return new DotSet(dots);
    }

    /// <inheritdoc/>
    public bool Equals(DotSet other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is DotSet other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        ulong hash = 17;
        foreach (var dot in Span) hash = (hash * 31) + dot.Replica.Value + (ulong)dot.Sequence;
        return hash.GetHashCode();
    }

    /// <summary>The dots in braces.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("{");
        foreach (var dot in Span)
        {
            if (text.Length > 1) text.Append(", ");
            text.Append(dot);
        }

        return text.Append('}').ToString();
    }

    /// <summary>The same dots.</summary>
    public static bool operator ==(DotSet left, DotSet right) => left.Equals(right);

    /// <summary>Different dots.</summary>
    public static bool operator !=(DotSet left, DotSet right) => !left.Equals(right);
}

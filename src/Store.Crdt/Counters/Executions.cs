using System.Diagnostics.CodeAnalysis;

namespace Gossipdb.Crdt.Counters;

/// <summary>
/// The executions of one operation id, in ascending order of dot. An immutable value: nearly always one execution, which is kept inline.
/// </summary>
internal readonly struct Executions
{
    // The only one, or none where its sequence is 0. Not used where there are several.
    private readonly CounterTag _single;

    // Two or more, never changed.
    private readonly CounterTag[]? _several;

    internal Executions(CounterTag only) => _single = only;

    /// <summary>Keeps the array, which nobody changes afterwards.</summary>
    internal Executions(CounterTag[] ascending)
    {
        if (ascending.Length > 1) _several = ascending;
        else if (ascending.Length == 1) _single = ascending[0];
    }

    internal bool IsEmpty => _several is null && _single.Dot.Sequence == 0;

    /// <summary>The executions in ascending order of dot.</summary>
    [UnscopedRef]
    internal ReadOnlySpan<CounterTag> Span =>
        _several is not null ? _several : _single.Dot.Sequence == 0 ? [] : new ReadOnlySpan<CounterTag>(in _single);

    /// <summary>True where one of them was not cancelled.</summary>
    internal bool IsLive
    {
        get
        {
            foreach (ref readonly var tag in Span)
            {
                if (!tag.IsCancelled) return true;
            }

            return false;
        }
    }

    /// <summary>What they count for.</summary>
    internal long Counted
    {
        get
        {
            foreach (ref readonly var tag in Span)
            {
                if (tag.IsCancelled) return 0;
            }

            return Span[0].Amount;
        }
    }
}

namespace Gossipdb.Crdt.Causality;

/// <summary>Something one change made, kept under that change's dot.</summary>
internal interface IDotted
{
    Dot Dot { get; }
}

/// <summary>
/// The join of two dot stores. It is the only place where a dot survives or goes.
/// A dot that both sides hold stays. A dot that one side holds stays unless the other side's clock covers it:
/// that other side has then seen the change, and removed what it made.
/// (Almeida, Shoker, Baquero, "Delta state replicated data types", 2018, figure 11.)
/// </summary>
internal static class DotStore
{
    /// <summary>Both sides are in ascending order of dot, and so is the result.</summary>
    internal static T[] Join<T>(ReadOnlySpan<T> mine, VersionVector clock, ReadOnlySpan<T> theirs, VersionVector otherClock)
        where T : struct, IDotted
    {
        // Counted first, so that the usual result (one survivor) takes one allocation of its own size.
        var count = Merge(mine, clock, theirs, otherClock, []);
        if (count == 0) return [];
        var result = new T[count];
        Merge(mine, clock, theirs, otherClock, result);
        return result;
    }

    /// <summary>True where the clock does not cover every dot.</summary>
    internal static bool AnyAbove<T>(ReadOnlySpan<T> store, VersionVector clock)
        where T : struct, IDotted
    {
        foreach (ref readonly var item in store)
        {
            if (!clock.Contains(item.Dot)) return true;
        }

        return false;
    }

    private static int Merge<T>(ReadOnlySpan<T> mine, VersionVector clock, ReadOnlySpan<T> theirs, VersionVector otherClock, Span<T> into)
        where T : struct, IDotted
    {
        int m = 0, t = 0, count = 0;
        while (m < mine.Length || t < theirs.Length)
        {
            var order = m == mine.Length ? 1 : t == theirs.Length ? -1 : mine[m].Dot.CompareTo(theirs[t].Dot);
            var survives = order == 0 || (order < 0 ? !otherClock.Contains(mine[m].Dot) : !clock.Contains(theirs[t].Dot));
            if (survives)
            {
                if (!into.IsEmpty) into[count] = order <= 0 ? mine[m] : theirs[t];
                count++;
            }

            if (order <= 0) m++;
            if (order >= 0) t++;
        }

        return count;
    }
}

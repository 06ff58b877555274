using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.Accounts;

/// <summary>
/// What a user or a role has, rights or roles, each with whether it was taken away. What is older than its owner's last birth is not kept:
/// it was an earlier owner's of the same name.
/// </summary>
/// <typeparam name="T">What.</typeparam>
internal sealed class Owned<T>
    where T : notnull
{
    public delegate T Reader(ref ByteReader reader);

    private readonly SortedDictionary<T, Mark> _gone;

    private Owned(SortedDictionary<T, Mark> gone) => _gone = gone;

    public static Owned<T> None(IComparer<T> order) => new(new SortedDictionary<T, Mark>(order));

    /// <summary>All that were ever given since its birth.</summary>
    public int Count => _gone.Count;

    /// <summary>What it has, in order, and since when.</summary>
    public IEnumerable<(T What, Stamp Since)> Present
    {
        get
        {
            foreach (var (what, gone) in _gone)
                if (!gone.IsSet) yield return (what, gone.At);
        }
    }

    public bool Has(T what) => _gone.TryGetValue(what, out var gone) && !gone.IsSet;

    public Owned<T> With(T what, Stamp at, bool isGone)
    {
        var next = new SortedDictionary<T, Mark>(_gone, _gone.Comparer);
        next[what] = next.TryGetValue(what, out var known) ? Mark.Join(known, new Mark(at, isGone)) : new Mark(at, isGone);
        return new Owned<T>(next);
    }

    public Owned<T> Since(Stamp born)
    {
        var next = new SortedDictionary<T, Mark>(_gone.Comparer);
        foreach (var (what, gone) in _gone)
            if (gone.At.CompareTo(born) >= 0) next.Add(what, gone);
        return new Owned<T>(next);
    }

    public static Owned<T> Join(Owned<T> one, Owned<T> other)
    {
        var next = new SortedDictionary<T, Mark>(one._gone, one._gone.Comparer);
        foreach (var (what, gone) in other._gone)
            next[what] = next.TryGetValue(what, out var known) ? Mark.Join(known, gone) : gone;
        return new Owned<T>(next);
    }

    public ulong MaxCounter()
    {
        var max = 0UL;
        foreach (var gone in _gone.Values) max = Math.Max(max, gone.At.Counter);
        return max;
    }

    public void Encode(ByteWriter writer, Action<ByteWriter, T> write)
    {
        writer.WriteVarint((ulong)_gone.Count);
        foreach (var (what, gone) in _gone)
        {
            write(writer, what);
            gone.Encode(writer);
        }
    }

    public static Owned<T> Decode(ref ByteReader reader, IComparer<T> order, Reader read)
    {
        var next = new SortedDictionary<T, Mark>(order);
        var last = default(T);
        for (var left = reader.ReadCount(4); left > 0; left--)
        {
            var what = read(ref reader);
            if (next.Count > 0 && order.Compare(last, what) >= 0) throw new CorruptDataException("rights or roles are not in their order");
            last = what;
            next.Add(what, Mark.Decode(ref reader));
        }

        return new Owned<T>(next);
    }
}

using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Sequences;

/// <summary>
/// What every replica did to a sequence since the stable cut, in order of dot.
/// It tells which elements are new above a clock, and which deletions are stable.
/// What is stable is dropped, so the log is as long as what is going on.
/// </summary>
internal sealed class SequenceLog
{
    private readonly List<Origin> _origins = [];

    /// <summary>The items of one replica.</summary>
    internal sealed class Origin(ReplicaId id)
    {
        private LogItem[] _items = [];
        private int _count;

        public ReplicaId Id { get; } = id;

        public ReadOnlySpan<LogItem> Items => _items.AsSpan(0, _count);

        public long LastSequence => _count == 0 ? 0 : _items[_count - 1].LastSequence;

        public void Add(in LogItem item)
        {
            if (_count > 0 && _items[_count - 1].TryAppend(item, out var both))
            {
                _items[_count - 1] = both;
                return;
            }

            if (_count == _items.Length) Array.Resize(ref _items, Math.Max(2, _count * 2));
            _items[_count++] = item;
        }

        /// <summary>The first item with a dot above a sequence.</summary>
        public int FirstAbove(long sequence)
        {
            int low = 0, high = _count;
            while (low < high)
            {
                var middle = (low + high) >>> 1;
                if (_items[middle].LastSequence <= sequence) low = middle + 1;
                else high = middle;
            }

            return low;
        }

        public void DropUpTo(long sequence)
        {
            var left = Items[FirstAbove(sequence)..].ToArray();
            if (left.Length > 0) left[0] = left[0].After(sequence);
            _items = left;
            _count = left.Length;
        }

        public Origin Copy() => new(Id) { _items = Items.ToArray(), _count = _count };
    }

    /// <summary>In ascending order of replica; none is empty.</summary>
    public List<Origin> Origins => _origins;

    public int Count { get; private set; }

    /// <summary>Appends an item of an origin whose every earlier item is held.</summary>
    public void Add(in LogItem item)
    {
        var at = IndexOf(item.First.Replica);
        if (at < 0)
        {
            at = ~at;
            _origins.Insert(at, new Origin(item.First.Replica));
        }

        var before = _origins[at].Items.Length;
        _origins[at].Add(item);
        Count += _origins[at].Items.Length - before;
    }

    public Origin? Of(ReplicaId replica) => IndexOf(replica) is >= 0 and var at ? _origins[at] : null;

    /// <summary>
    /// Of every origin the longer log. Both begin at the same stable cut, and the longer one goes on where the other ends.
    /// </summary>
    public void Join(SequenceLog other)
    {
        foreach (var theirs in other._origins)
        {
            var at = IndexOf(theirs.Id);
            if (at < 0) _origins.Insert(~at, theirs.Copy());
            else if (_origins[at].LastSequence < theirs.LastSequence) _origins[at] = theirs.Copy();
        }

        Recount();
    }

    /// <summary>Drops what a clock covers.</summary>
    public void DropCovered(VersionVector clock)
    {
        for (var i = _origins.Count - 1; i >= 0; i--)
        {
            _origins[i].DropUpTo(clock[_origins[i].Id]);
            if (_origins[i].Items.IsEmpty) _origins.RemoveAt(i);
        }

        Recount();
    }

    private void Recount()
    {
        Count = 0;
        foreach (var origin in _origins) Count += origin.Items.Length;
    }

    private int IndexOf(ReplicaId replica)
    {
        for (var i = 0; i < _origins.Count; i++)
        {
            var order = _origins[i].Id.CompareTo(replica);
            if (order == 0) return i;
            if (order > 0) return ~i;
        }

        return ~_origins.Count;
    }
}

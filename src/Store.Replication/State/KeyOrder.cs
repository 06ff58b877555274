using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.State;

/// <summary>Where a page of keys begins and ends.</summary>
/// <param name="Prefix">What the keys begin with; empty for all.</param>
/// <param name="After">The key the page begins behind; empty for the start.</param>
/// <param name="Limit">How many keys at most.</param>
public sealed record ScanRange(Bytes Prefix, Bytes After, int Limit);

/// <summary>A page of keys.</summary>
/// <param name="Keys">The keys with the types that answer.</param>
/// <param name="Next">Where the next page begins; null where there is no more.</param>
public sealed record ScanPage(IReadOnlyList<(Bytes Key, CrdtType Type)> Keys, Bytes? Next);

/// <summary>
/// The keys of a partition in the order of their bytes. Costs nothing until it is first asked for, then one sort of all keys, and from
/// then on one place in a tree for every key that comes: writes to keys that are there do not touch it.
/// </summary>
public sealed class KeyOrder
{
    // Deleted keys are met and not told: one turn must not last as long as there are of those.
    private const int MostLookedAt = 10_000;
    private readonly Dictionary<Bytes, KeyEntry> _keys;
    private SortedSet<Bytes>? _order;

    internal KeyOrder(Dictionary<Bytes, KeyEntry> keys) => _keys = keys;

    /// <summary>The keys with a prefix behind another, deleted ones included, in order. The caller stops where it wants to.</summary>
    public IEnumerable<KeyValuePair<Bytes, KeyEntry>> From(Bytes prefix, Bytes after)
    {
        _order ??= [.. _keys.Keys];
        if (_order.Count == 0) yield break;
        var start = after.CompareTo(prefix) > 0 ? after : prefix;
        if (_order.Max.CompareTo(start) < 0) yield break;
        foreach (var key in _order.GetViewBetween(start, _order.Max))
        {
            if (!key.Span.StartsWith(prefix.Span)) yield break;
            if (key.CompareTo(after) > 0 && _keys.TryGetValue(key, out var entry)) yield return new(key, entry);
        }
    }

    /// <summary>A page of the keys that readers at a time see. One that meets many deleted keys ends early.</summary>
    /// <param name="range">What is wanted.</param>
    /// <param name="expiredMs">Keys whose life ends no later are not there.</param>
    /// <param name="shown">Covers the last changes of the keys told.</param>
    public ScanPage Scan(ScanRange range, long expiredMs, out VersionVector shown)
    {
        shown = new VersionVector();
        var page = new List<(Bytes, CrdtType)>();
        var last = range.After;
        var lookedAt = 0;
        foreach (var (key, entry) in From(range.Prefix, range.After))
        {
            if (page.Count == range.Limit || lookedAt++ == MostLookedAt) return new ScanPage(page, last);
            last = key;
            if (entry.AnsweringAt(expiredMs) is not { } held) continue;
            page.Add((key, held.State.Type));
            shown.Merge(entry.LastChange());
        }

        return new ScanPage(page, null);
    }

    internal void Add(Bytes key) => _order?.Add(key);

    internal void Remove(Bytes key) => _order?.Remove(key);

    internal void Clear() => _order = null;
}

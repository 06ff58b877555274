using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.State;

/// <summary>Where a page of keys begins and ends.</summary>
/// <param name="Prefix">What the keys begin with; empty for all.</param>
/// <param name="After">The page begins behind this key; empty for the start.</param>
/// <param name="Limit">How many keys at most.</param>
public sealed record ScanRange(Bytes Prefix, Bytes After, int Limit);

/// <summary>A page of keys.</summary>
/// <param name="Keys">The keys with the types that answer.</param>
/// <param name="Next">Where the next page begins; null where there is no more.</param>
public sealed record ScanPage(IReadOnlyList<(Bytes Key, CrdtType Type)> Keys, Bytes? Next);

/// <summary>
/// The keys of a partition in the order of their bytes. The order costs nothing until it is first asked for. Then it costs one sort of all
/// keys. From then on each new key costs one place in a tree. Writes to existing keys do not touch it.
/// </summary>
public sealed class KeyOrder
{
    // Deleted keys are met and skipped. One turn must not last as long as there are deleted keys.
    private const int MostLookedAt = 10_000;
    private readonly KeyTable _keys;
    private SortedSet<Bytes>? _order;

    internal KeyOrder(KeyTable keys) => _keys = keys;

    /// <summary>
    /// The keys with a prefix that lie behind another key, in order. Deleted keys are among them. The caller stops where it wants to.
    /// </summary>
    public IEnumerable<KeyValuePair<Bytes, KeyEntry>> From(Bytes prefix, Bytes after)
    {
        _order ??= [.. _keys.Select(static held => held.Key)];
        if (_order.Count == 0) yield break;
        var start = after.CompareTo(prefix) > 0 ? after : prefix;
        if (_order.Max.CompareTo(start) < 0) yield break;
        foreach (var key in _order.GetViewBetween(start, _order.Max))
        {
            if (!key.Span.StartsWith(prefix.Span)) yield break;
            if (key.CompareTo(after) > 0 && _keys.TryGet(key.Span, out _, out var entry)) yield return new(key, entry);
        }
    }

    /// <summary>A page of the keys that readers see at a given time. A page that meets many deleted keys ends early.</summary>
    /// <param name="range">What is wanted.</param>
    /// <param name="expiredMs">A key whose life ends at or before this is not there.</param>
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
            entry.AddLastChangesTo(shown);
        }

        return new ScanPage(page, null);
    }

    internal void Add(Bytes key) => _order?.Add(key);

    internal void Remove(Bytes key) => _order?.Remove(key);

    internal void Clear() => _order = null;
}

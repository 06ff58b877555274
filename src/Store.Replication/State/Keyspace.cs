using System.Diagnostics.CodeAnalysis;
using Gossipdb.Crdt;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Crdt.Maps;
using Gossipdb.Crdt.Registers;

namespace Gossipdb.Replication.State;

/// <summary>
/// The objects of one partition. State is kept by (key, type). A key that was created as two types on two sides of a cut keeps both. The
/// one that was created earlier by (timestamp, dot) answers (hard case 14).
/// </summary>
public sealed class Keyspace
{
    // So many names are worth a stable cut.
    private const int ManyNames = 1_024;
    private readonly KeyTable _keys = new();

    // Almost always nobody looks.
    private readonly List<ChangedKeys> _trackers = [];

    // Keys with an expiry, each once, by the time at which they may have expired. Each is looked at again when that time has come.
    private readonly PriorityQueue<Bytes, long> _expiring = new();

    // Keys that were changed since they were last collected whole, each once, with what they hold: every cut looks at all of them, and
    // looking them up would be most of its cost.
    private List<KeyValuePair<Bytes, KeyEntry>> _uncollected = [];

    // Takes turns with it. A list of many keys that grew anew after every cut would be a large object each time.
    private List<KeyValuePair<Bytes, KeyEntry>> _collecting = [];

    // Operations with an id that were joined since the last collection.
    private long _named;

    /// <summary>A partition that holds nothing.</summary>
    public Keyspace() => Order = new KeyOrder(_keys);

    /// <summary>The stable cut that this state was collected at.</summary>
    public StableCut StableCut { get; private set; } = StableCut.None;

    /// <summary>The retired ids at <see cref="StableCut"/>. Clocks that leave this replica leave these ids out.</summary>
    internal RetiredTable Retired { get; private set; } = RetiredTable.Empty;

    /// <summary>The retired ids as they were before the last ones retired. A peer may not know the last ones yet.</summary>
    internal RetiredTable RetiredBefore { get; private set; } = RetiredTable.Empty;

    /// <summary>True where keys were changed since they were last collected whole.</summary>
    public bool HasUncollected => _uncollected.Count > 0;

    /// <summary>
    /// True where many operations with an id have been joined since the last collection, several for each key that waits: keys that never
    /// rest keep the names of all of them.
    /// </summary>
    internal bool HasManyNames => _named >= ManyNames && _named > 2L * _uncollected.Count;

    /// <summary>How many keys hold anything. A deleted key counts until its deletion is stable.</summary>
    public int Count => _keys.Count;

    /// <summary>All keys with their entries, in no order that means anything.</summary>
    public IEnumerable<KeyValuePair<Bytes, KeyEntry>> Entries => _keys;

    /// <summary>How many places keys have, free ones too. A key that is there all the time keeps its place.</summary>
    internal int Places => _keys.Places;

    /// <summary>The key at a place; false where the place is free.</summary>
    internal bool TryPlace(int place, out Bytes key, [NotNullWhen(true)] out KeyEntry? entry) => _keys.TryPlace(place, out key, out entry);

    /// <summary>
    /// Notes from now on which keys are joined into and which are dropped, until <see cref="Untrack"/>. Where a whole image replaces
    /// everything that ends, and nothing more is noted.
    /// </summary>
    internal ChangedKeys Track()
    {
        var changed = new ChangedKeys();
        _trackers.Add(changed);
        return changed;
    }

    /// <summary>Ends what <see cref="Track"/> began.</summary>
    internal void Untrack(ChangedKeys changed) => _trackers.Remove(changed);

    private void NoteChanged(Bytes key)
    {
        for (var i = 0; i < _trackers.Count; i++) _trackers[i].Note(key);
    }

    /// <summary>The keys in order, for scans and watches.</summary>
    public KeyOrder Order { get; }

    /// <summary>The entry of a key, or null where nobody has written it.</summary>
    public KeyEntry? Find(Bytes key) => _keys.TryGet(key.Span, out _, out var entry) ? entry : null;

    /// <summary>A key of these bytes: the one that is held already, where there is one.</summary>
    internal Bytes KeyOf(ReadOnlySpan<byte> bytes) => _keys.TryGet(bytes, out var known, out _) ? known : new Bytes(bytes);

    /// <summary>
    /// Joins one change of an event into the state at <paramref name="clock"/>, which covers the event's dependencies. The change may have
    /// been made at a lower stable cut than this state's, and never at a higher one.
    /// </summary>
    /// <param name="change">The change.</param>
    /// <param name="source">Its event.</param>
    /// <param name="seen">The event's whole clock: what the event states, and the retired ids that it leaves out.</param>
    /// <param name="clock">The clock of the state.</param>
    internal void Join(in KeyChange change, ReplicaEvent source, VersionVector seen, VersionVector clock)
    {
        var key = change.Key;
        var entry = GetOrAdd(ref key);
        if (_trackers.Count > 0) NoteChanged(key);
        if (!ReferenceEquals(StableCut, StableCut.None)) change.Delta.Collect(StableCut);
        entry.GetOrAdd(change.Delta.Type).Join(change, source, seen, clock);
        QueueForExpiry(key, entry);
        if (source.Operation.IsGiven)
        {
            entry.LatestDeadlineMs = Math.Max(entry.LatestDeadlineMs, source.Operation.DeadlineUnixMs);
            _named++;
        }

        QueueForCollection(key, entry);
    }

    /// <summary>
    /// Collects at a stable cut. The new cut includes what was stable before. The cost follows what was changed since the last time. Where
    /// replicas retire it is a pass over all keys.
    /// </summary>
    internal void Collect(StableCut cut)
    {
        var before = StableCut.Retired;
        StableCut = StableCut.Union(cut);
        if (!ReferenceEquals(StableCut.Retired, before))
        {
            (RetiredBefore, Retired) = (Retired, RetiredTable.Of(StableCut));
            foreach (var (key, entry) in _keys) QueueForCollection(key, entry);
        }

        _named = 0;
        (_collecting, _uncollected) = (_uncollected, _collecting);
        foreach (var (key, entry) in _collecting)
        {
            entry.IsQueuedForCollection = false;
            entry.Collect(StableCut);
            Settle(key, entry);
        }

        // What rests needs no room for it, and what has become calmer not as much.
        if (_uncollected.Count == 0) _uncollected = [];
        if (_uncollected.Count == 0 || _collecting.Capacity / 4 > _collecting.Count) _collecting = [];
        else _collecting.Clear();
    }

    // What was collected whole needs no further look. If it is empty then, it goes.
    private void Settle(Bytes key, KeyEntry entry)
    {
        if (!IsCollectedAt(entry, StableCut)) QueueForCollection(key, entry);
        else if (entry.IsEmpty && !entry.IsQueuedForCollection) Drop(key);
    }

    // The key was deleted or emptied, and that is stable. Whoever changes the key from now on saw nothing there, and creates it anew.
    private void Drop(Bytes key)
    {
        _keys.Remove(key);
        Order.Remove(key);
        NoteChanged(key);
        Dropped++;
        OnDropped?.Invoke(key);
    }

    /// <summary>
    /// True where some key would be collected whole at a stable cut: its last change is stable, and the deadlines of its tags have passed.
    /// </summary>
    internal bool WouldCollectAt(StableCut cut)
    {
        foreach (var (_, entry) in _uncollected)
            if (IsCollectedAt(entry, cut)) return true;
        return false;
    }

    private static bool IsCollectedAt(KeyEntry entry, StableCut cut) =>
        entry.IsCoveredBy(cut.Clock) && entry.LatestDeadlineMs <= cut.DeadlinesPassedUnixMs;

    private void QueueForCollection(Bytes key, KeyEntry entry)
    {
        if (entry.IsQueuedForCollection) return;
        entry.IsQueuedForCollection = true;
        _uncollected.Add(new KeyValuePair<Bytes, KeyEntry>(key, entry));
    }

    /// <summary>True where some key has an expiry.</summary>
    public bool HasExpiring => _expiring.Count > 0;

    /// <summary>No key expires before this time, and perhaps none does then. <see cref="long.MaxValue"/> where none ever does.</summary>
    internal long FirstEndMs => _expiring.TryPeek(out _, out var endMs) ? endMs : long.MaxValue;

    /// <summary>Is told of every key that is dropped.</summary>
    internal Action<Bytes>? OnDropped { get; set; }

    /// <summary>How many keys were dropped: they were deleted, and that was stable.</summary>
    public long Dropped { get; private set; }

    /// <summary>How often everything was replaced by a whole image.</summary>
    internal int Replaced { get; private set; }

    /// <summary>Replaces everything by a whole image.</summary>
    internal void Replace(IReadOnlyDictionary<Bytes, KeyEntry> image, StableCut cut)
    {
        Replaced++;
        _trackers.Clear();
        _keys.Clear();
        Order.Clear();
        _expiring.Clear();
        _uncollected.Clear();
        StableCut = cut;
        (RetiredBefore, Retired) = (RetiredTable.Empty, RetiredTable.Of(cut));
        foreach (var (key, entry) in image)
        {
            // The source may have collected after it sent the key.
            entry.Collect(cut);
            _keys.Add(key, entry);
            QueueForExpiry(key, entry);
            Settle(key, entry);
        }
    }

    /// <summary>Joins what changed at another replica above what is here. Both sides are at the same stable cut.</summary>
    /// <param name="image">The changed keys.</param>
    /// <param name="clock">The clock of what is here.</param>
    /// <param name="imageClock">The clock of the image.</param>
    internal void Join(IReadOnlyDictionary<Bytes, KeyEntry> image, VersionVector clock, VersionVector imageClock)
    {
        foreach (var (theirKey, theirs) in image)
        {
            var key = theirKey;
            var entry = GetOrAdd(ref key);
            NoteChanged(key);
            theirs.Collect(StableCut);
            entry.Join(clock, theirs, imageClock);
            entry.LatestDeadlineMs = Math.Max(entry.LatestDeadlineMs, theirs.LatestDeadlineMs);
            QueueForExpiry(key, entry);
            Settle(key, entry);
        }
    }

    /// <summary>Takes out a key that has expired by <paramref name="passedMs"/>, if there is one. The caller deletes it.</summary>
    internal bool TryTakeExpired(long passedMs, out Bytes key)
    {
        while (_expiring.TryPeek(out key, out var dueMs) && dueMs <= passedMs)
        {
            _expiring.Dequeue();

            // The key was dropped meanwhile. If it was created again, it has another entry in the queue.
            if (Find(key) is not { } entry || !entry.IsQueuedForExpiry) continue;
            entry.IsQueuedForExpiry = false;
            if (entry.ExpiresAtMs <= passedMs) return true;
            QueueForExpiry(key, entry);
        }

        return false;
    }

    // The key becomes the one that is held: what is kept of it is not what a request brought.
    private KeyEntry GetOrAdd(ref Bytes key)
    {
        if (_keys.TryGet(key.Span, out var held, out var entry))
        {
            key = held;
            return entry;
        }

        entry = new KeyEntry();
        _keys.Add(key, entry);
        Order.Add(key);
        return entry;
    }

    private void QueueForExpiry(Bytes key, KeyEntry entry)
    {
        var expiresAt = entry.ExpiresAtMs;
        if (entry.IsQueuedForExpiry || expiresAt == Expiry.Never) return;
        entry.IsQueuedForExpiry = true;
        _expiring.Enqueue(key, expiresAt);
    }

    /// <summary>
    /// What shows more than one type, at most <paramref name="limit"/> of them. Each is a key, or a key followed by the names that lead to
    /// a field of a map.
    /// </summary>
    public void CollectConflicts(List<Bytes[]> into, int limit)
    {
        foreach (var (key, entry) in _keys)
        {
            if (into.Count >= limit) return;
            if (entry.VisibleTypes > 1) into.Add([key]);
            if (entry.Find(CrdtType.Map)?.State is CrdtMap { Conflicts: > 0 } map) map.CollectConflicts([key], into, limit);
        }
    }

    /// <summary>
    /// A digest of what the partition holds. It is equal on every replica at equal clocks. It costs a pass over the state.
    /// </summary>
    public UInt128 Digest()
    {
        var digest = new KeyspaceDigest();
        foreach (var (key, entry) in _keys) digest.Add(key, entry);
        return digest.Sum;
    }
}

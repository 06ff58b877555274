using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Watch;

/// <summary>
/// The watchers of a partition. There is no log of changes, because each key knows its last change. A watcher that comes with a clock is
/// told the keys whose last change the clock does not cover. From then on it is told the keys that change. Each is told once, however often
/// it changed meanwhile. So a slow watcher costs a bounded number of keys. Past that bound another pass over the keys finds the changes.
/// <para>What is shown may not be on disk yet, and may be lost. A watcher that goes on elsewhere must hear of that (hard case 15). So a
/// token is good only where it covers all that was shown. It does so whenever nothing waits to be told. A watcher that has seen newer
/// values than its token covers starts again from a reset when it resumes at another replica.</para>
/// </summary>
internal sealed class Watchers(Keyspace keys, ClockView applied)
{
    private const int MostPending = 10_000;
    private const int MostLookedAt = 10_000;
    private readonly List<Watcher> _all = [];

    public int Count => _all.Count;

    /// <summary>Begins a watch. The replica covers the watcher's clock, except for what is lost.</summary>
    public void Add(Watcher watcher, bool isLost)
    {
        watcher.Told = watcher.From.Copy();
        _all.Add(watcher);
        Begin(watcher, isLost);
    }

    public bool Remove(Watcher watcher) => _all.Remove(watcher);

    /// <summary>Notes that a key has changed.</summary>
    public void Note(Bytes key)
    {
        foreach (var watcher in _all)
        {
            if (!watcher.Matches(key)
                || watcher.ScansAgain
                || (watcher.IsScanning && key.CompareTo(watcher.ScannedTo) > 0)
                || !watcher.IsPending.Add(key))
            {
                continue;
            }
            if (watcher.Pending.Count == MostPending)
            {
                Forget(watcher);
                watcher.ScansAgain = true;
                if (!watcher.IsScanning) Scan(watcher, isLost: false);
            }
            else
            {
                watcher.Pending.Enqueue(key);
            }

            Wake(watcher);
        }
    }

    /// <summary>
    /// Notes that a deleted key was dropped. A watcher whose pass over the keys has yet to come to it would not hear that it is gone.
    /// </summary>
    public void NoteDropped(Bytes key)
    {
        foreach (var watcher in _all)
        {
            if (!watcher.IsScanning
                || !watcher.TellsDeleted
                || !watcher.Matches(key)
                || key.CompareTo(watcher.ScannedTo) <= 0
                || !watcher.IsPending.Add(key))
            {
                continue;
            }
            if (watcher.Pending.Count < MostPending) watcher.Pending.Enqueue(key);
            else Begin(watcher, isLost: true);
        }
    }

    /// <summary>The state was joined with an image. Any key may have changed.</summary>
    public void NoteAll()
    {
        foreach (var watcher in _all) Begin(watcher, isLost: false);
    }

    /// <summary>
    /// The state is discarded, or was: others contradict it, or an operator does not trust it. What it told counts no longer. Watchers hear
    /// that at once, and then all that there is, as soon as there is something to trust.
    /// </summary>
    public void Discard()
    {
        foreach (var watcher in _all)
        {
            watcher.Told = new VersionVector();
            Begin(watcher, isLost: watcher.HasTaken || watcher.From.Count > 0);
            watcher.HasTaken = false;
        }
    }

    /// <summary>Tells idle watchers a new token, though none of their keys changed. Otherwise their tokens would grow old.</summary>
    public void TellTokens()
    {
        foreach (var watcher in _all)
        {
            if (!watcher.IsIdle || watcher.IsScanning || watcher.Pending.Count > 0) continue;
            if (watcher.Told.Covers(applied)) continue;
            watcher.Told = applied.Copy();
            watcher.IsTokenDue = true;
            Wake(watcher);
        }
    }

    /// <summary>Ends all watches.</summary>
    public void End(Outcome outcome, string reason)
    {
        foreach (var watcher in _all) watcher.End(outcome, reason);
        _all.Clear();
    }

    /// <summary>Takes what there is to tell.</summary>
    /// <param name="watcher">Who.</param>
    /// <param name="most">The most keys.</param>
    /// <param name="expiredMs">The time at which lives are over.</param>
    /// <param name="hasState">False while the state is discarded: no more is told than that.</param>
    /// <param name="into">Where it goes.</param>
    /// <returns>False where there is nothing. The watcher is woken when there is.</returns>
    public bool TryTake(Watcher watcher, int most, long expiredMs, bool hasState, WatchedChanges into)
    {
        into.Clear();
        if (!_all.Contains(watcher)) return false;
        if (watcher.IsResetDue) into.IsReset = true;
        watcher.IsResetDue = false;
        if (!hasState)
        {
            watcher.IsIdle = !into.IsReset;
            return into.IsReset;
        }

        if (watcher.IsScanning) TakeScanned(watcher, most, expiredMs, into);

        // This runs between inputs, so whatever has been applied has been noted whole.
        if (!watcher.IsScanning && watcher.RoundLeft == 0) BeginRound(watcher);
        while (!watcher.IsScanning && into.Keys.Count < most && watcher.Pending.TryDequeue(out var key))
        {
            watcher.IsPending.Remove(key);
            into.Keys.Add((key, keys.Find(key)?.AnsweringAt(expiredMs)));
            if (--watcher.RoundLeft > 0) continue;
            Tell(watcher);
            BeginRound(watcher);
        }

        if (!watcher.IsScanning && watcher.Pending.Count == 0 && (into.Keys.Count > 0 || watcher.IsTokenDue))
        {
            // Nothing waits. All that is here has been told, and nothing else was shown.
            watcher.Told = applied.Copy();
            watcher.IsTokenDue = true;
            into.CoversShown = true;
        }

        if (watcher.IsTokenDue) into.Token = watcher.Told.Copy();
        watcher.IsTokenDue = false;
        watcher.HasTaken |= into.Keys.Count > 0;
        watcher.IsIdle = !watcher.IsScanning && watcher.Pending.Count == 0 && into.Keys.Count == 0 && into.Token is null && !into.IsReset;
        return !watcher.IsIdle;
    }

    private void TakeScanned(Watcher watcher, int most, long expiredMs, WatchedChanges into)
    {
        if (!watcher.IsPrefix)
        {
            if (keys.Find(watcher.Key) is { } only) TakeScanned(watcher, watcher.Key, only, expiredMs, into);
            EndScan(watcher);
            return;
        }

        var lookedAt = 0;
        foreach (var (key, entry) in keys.Order.From(watcher.Key, watcher.ScannedTo))
        {
            if (into.Keys.Count == most || lookedAt++ == MostLookedAt) return;
            watcher.ScannedTo = key;
            TakeScanned(watcher, key, entry, expiredMs, into);
        }

        EndScan(watcher);
    }

    private static void TakeScanned(Watcher watcher, Bytes key, KeyEntry entry, long expiredMs, WatchedChanges into)
    {
        if (entry.IsCoveredBy(watcher.Since)) return;
        var held = entry.AnsweringAt(expiredMs);

        // A watcher that knows of nothing need not hear of what is gone.
        if (held is not null || watcher.TellsDeleted) into.Keys.Add((key, held));
    }

    private void EndScan(Watcher watcher)
    {
        watcher.IsScanning = false;
        Tell(watcher);
        if (watcher.ScansAgain) Scan(watcher, isLost: false);
        else BeginRound(watcher);
    }

    private static void Tell(Watcher watcher)
    {
        watcher.Told = watcher.RoundClock;
        watcher.IsTokenDue = true;
    }

    private void BeginRound(Watcher watcher)
    {
        watcher.RoundLeft = watcher.Pending.Count;
        watcher.RoundClock = applied.Copy();
    }

    private void Begin(Watcher watcher, bool isLost)
    {
        Forget(watcher);
        Scan(watcher, isLost);
        Wake(watcher);
    }

    private void Scan(Watcher watcher, bool isLost)
    {
        // Where a deleted key was dropped, nothing is left that tells of it. Keys are dropped below the stable cut only.
        var cut = keys.StableCut.Clock;
        var mayMiss = isLost || (watcher.Told.Count > 0 ? !watcher.Told.Covers(cut) : watcher.HasTaken && cut.Count > 0);
        watcher.IsResetDue |= mayMiss;
        watcher.Since = mayMiss ? new VersionVector() : watcher.Told;
        watcher.TellsDeleted = !mayMiss && (watcher.Told.Count > 0 || watcher.HasTaken);
        watcher.ScansAgain = false;
        watcher.IsScanning = true;
        watcher.ScannedTo = default;
        watcher.RoundClock = applied.Copy();
    }

    private static void Forget(Watcher watcher)
    {
        watcher.Pending.Clear();
        watcher.IsPending.Clear();
        watcher.RoundLeft = 0;
    }

    private static void Wake(Watcher watcher)
    {
        if (!watcher.IsIdle) return;
        watcher.IsIdle = false;
        watcher.Wake();
    }
}

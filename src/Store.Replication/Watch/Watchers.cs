using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Watch;

/// <summary>
/// Who watches the partition. There is no log of changes: the state tells. Each key knows its last change, so whoever comes with a clock
/// is told the keys whose last change that clock does not cover, and from then on those that change, each once however often it changed
/// meanwhile. So a watcher that is slow costs a bounded number of keys: past that the changes are found by another pass over the keys.
/// <para>What is shown may not be on disk yet, and be lost: a watcher that goes on elsewhere must hear of it (hard case 15). So a token
/// is good only where it covers all that was shown, as it does whenever nothing waits to be told; a watcher that was cut off after it was
/// shown more begins anew.</para>
/// </summary>
internal sealed class Watchers(Keyspace keys, ClockView applied)
{
    private const int MostPending = 10_000;
    private const int MostLookedAt = 10_000;
    private readonly List<Watcher> _all = [];

    public int Count => _all.Count;

    /// <summary>Begins. The replica covers what the watcher comes with, except for what is lost.</summary>
    public void Add(Watcher watcher, bool isLost)
    {
        watcher.Told = watcher.From.Copy();
        _all.Add(watcher);
        Begin(watcher, isLost);
    }

    public bool Remove(Watcher watcher) => _all.Remove(watcher);

    /// <summary>A key has changed.</summary>
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

    /// <summary>A deleted key was forgotten: who has yet to come by it on the pass over the keys would not hear that it is gone.</summary>
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

    /// <summary>The state was joined with an image: any key may have changed.</summary>
    public void NoteAll()
    {
        foreach (var watcher in _all) Begin(watcher, isLost: false);
    }

    /// <summary>Lets who waits know how far they have come though none of their keys changed: else a token would grow old.</summary>
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

    /// <summary>Ends all.</summary>
    public void End(Outcome outcome, string reason)
    {
        foreach (var watcher in _all) watcher.End(outcome, reason);
        _all.Clear();
    }

    /// <summary>Takes what there is to tell.</summary>
    /// <returns>False where there is nothing: the watcher is woken when there is.</returns>
    public bool TryTake(Watcher watcher, int most, long expiredMs, WatchedChanges into)
    {
        into.Clear();
        if (!_all.Contains(watcher)) return false;
        if (watcher.IsResetDue) into.IsReset = true;
        watcher.IsResetDue = false;
        if (watcher.IsScanning) TakeScanned(watcher, most, expiredMs, into);

        // Between inputs: what has been applied has been noted whole.
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
            // Nothing waits: all that is here has been told, and nothing besides was shown.
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

        // Who knows of nothing need not hear of what is gone.
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
        // Of a deleted key that was dropped, which happens below the stable cut, nothing is left to tell of it.
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

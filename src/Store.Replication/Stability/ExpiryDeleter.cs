using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;

namespace Gossipdb.Replication.Stability;

/// <summary>
/// Finds expired keys that may be deleted for good. A key that expired here may have been given a longer life elsewhere, by an owner whose
/// clock is behind or on the other side of a cut, and that life must win. So a key is reaped only when every owner has told, at a
/// time that had passed the key's expiry for it, what it had applied, and none of that is missing here: what those owners do later, they
/// do to a key that
/// is expired for them too. Where an owner is absent, expired keys wait for it, unseen by readers.
/// <para>The first owner within reach reaps; two of them doing it at once does no harm.</para>
/// </summary>
internal sealed class ExpiryDeleter(PeerKnowledge peers, ClockView applied, Keyspace keys, ReplicaClock clock)
{
    private const int MaxKeys = 100;
    private readonly List<Bytes> _taken = [];

    /// <summary>Takes expired keys to be deleted, at most <see cref="MaxKeys"/> at a time. The list is valid until the next call.</summary>
    public bool TryTake(out IReadOnlyList<Bytes> expired)
    {
        _taken.Clear();
        expired = _taken;
        if (!keys.HasExpiring || !clock.MayRemove) return false;
        var passedMs = Math.Min(clock.PassedMs, PassedEverywhereMs());
        while (_taken.Count < MaxKeys && keys.TryTakeExpired(passedMs, out var key)) _taken.Add(key);
        return _taken.Count > 0;
    }

    /// <summary>
    /// The time that has passed for every owner, with all it had applied by then known here; 0 where this replica is not to reap.
    /// </summary>
    private long PassedEverywhereMs()
    {
        var passed = long.MaxValue;
        for (var i = 0; i < peers.Slots.Length; i++)
        {
            if (i == peers.OwnSlot) continue;
            var slot = peers.Slots[i];
            if ((slot.Reachable && i < peers.OwnSlot) || slot.Told is null || !applied.Covers(slot.Told.Applied)) return 0;
            passed = Math.Min(passed, slot.Told.SentAtMs);
        }

        return passed;
    }
}

using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Time;

namespace Gossipdb.Replication.Stability;

/// <summary>
/// Finds expired keys that may be deleted for good. A key that has expired here may have been given a longer life elsewhere, by an owner
/// whose clock is behind, or that is on the other side of a cut. That life must win.
/// <para>So a key is deleted only when every owner has told what it had applied at a time at which the key had expired for it, and nothing
/// of that is missing here. Whatever an owner does to the key later, it does to a key that has expired for it too. While an owner is
/// absent, expired keys wait for it. Readers do not see them.</para>
/// <para>The first owner within reach deletes. If two do so at once, there is no harm.</para>
/// </summary>
internal sealed class ExpiryDeleter(PeerKnowledge peers, ClockView applied, Keyspace keys, ReplicaClock clock)
{
    private const int MaxKeys = 100;
    private readonly List<Bytes> _taken = [];

    /// <summary>Takes expired keys to delete, at most <see cref="MaxKeys"/> at a time. The list is valid until the next call.</summary>
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
    /// A time that has passed for every owner, where all that they had applied by then is applied here. 0 where this replica is not to
    /// delete.
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

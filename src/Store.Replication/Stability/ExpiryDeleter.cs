using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Handoff;
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
/// <para>A longer life may also be held by a fallback node: of a coordinator that has died since, or of its own. So each of them must have
/// answered a stability poll in which its time was past the end, and what it held must be applied here. And an owner may have one left on
/// its damaged disk. It says so, and is waited for.</para>
/// <para>The first owner within reach deletes. If two do so at once, there is no harm.</para>
/// </summary>
internal sealed class ExpiryDeleter(
    PeerKnowledge peers, FallbackKnowledge fallbacks, ClockView applied, Keyspace keys, ReplicaClock clock, ReplicaSettings settings)
{
    private const int MaxKeys = 100;
    private readonly List<Bytes> _taken = [];

    /// <summary>
    /// True where keys have expired for every owner and wait for fallback nodes, whose answers to a poll that begins now will do.
    /// </summary>
    public bool NeedsPoll
    {
        get
        {
            if (fallbacks.Entries.Length == 0 || !clock.MayRemove) return false;

            // A poll tells them what has passed for all owners, less the skew. None of them goes by an earlier time after that.
            var end = keys.FirstEndMs;
            if (end > clock.PassedMs - settings.MaxClockSkewMs) return false;
            return end > PassedForFallbacksMs() && end <= PassedForOwnersMs() - settings.MaxClockSkewMs;
        }
    }

    /// <summary>Takes expired keys to delete, at most <see cref="MaxKeys"/> at a time. The list is valid until the next call.</summary>
    public bool TryTake(out IReadOnlyList<Bytes> expired)
    {
        _taken.Clear();
        expired = _taken;
        if (!keys.HasExpiring || !clock.MayRemove) return false;
        var passedMs = Math.Min(clock.PassedMs, Math.Min(PassedForOwnersMs(), PassedForFallbacksMs()));
        while (_taken.Count < MaxKeys && keys.TryTakeExpired(passedMs, out var key)) _taken.Add(key);
        return _taken.Count > 0;
    }

    /// <summary>
    /// A time that has passed for every owner, where all that they had applied by then is applied here. 0 where this replica is not to
    /// delete.
    /// </summary>
    private long PassedForOwnersMs()
    {
        var passed = long.MaxValue;
        for (var i = 0; i < peers.Slots.Length; i++)
        {
            if (i == peers.OwnSlot) continue;
            var slot = peers.Slots[i];
            if (slot.Reachable && i < peers.OwnSlot) return 0;
            if (slot.Told is not { LacksPast: false } told || !applied.Covers(told.Applied)) return 0;
            passed = Math.Min(passed, told.SentAtMs);
        }

        return passed;
    }

    // The same of the fallback nodes, by the last poll that each has answered in its present incarnation.
    private long PassedForFallbacksMs()
    {
        var passed = long.MaxValue;
        foreach (var entry in fallbacks.Entries)
        {
            if (entry.Polled == 0 || !applied.Covers(entry.Known)) return 0;
            passed = Math.Min(passed, entry.PolledAtMs);
        }

        return passed;
    }
}

using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.AntiEntropy;

/// <summary>
/// Compares digests of replicas' states at equal clocks. Such states must be equal (rule 1). If they are not, memory or disk is damaged, or
/// there is a bug.
/// <para>A replica computes the digest a few keys at a time while the partition rests, and tells it with its clocks. States that differ are
/// never joined. A replica that a majority of the owners contradicts takes their state anew. Without a majority everybody is left alone and
/// says so (hard case 6).</para>
/// </summary>
internal sealed class DigestAudit(PeerKnowledge peers, ClockView applied, Keyspace keys, ReplicaSettings settings)
{
    // What each owner has told for the clock of this replica's digest.
    private readonly UInt128?[] _told = new UInt128?[peers.Slots.Length];

    // The last digest that was finished, and the clock it is of.
    private UInt128 _digest;
    private VersionVector? _digestClock;

    // The digest that is being computed, the clock it is of, and the keys that are left.
    private readonly KeyspaceDigest _running = new();
    private VersionVector? _runningClock;
    private IEnumerator<KeyValuePair<Bytes, KeyEntry>>? _left;
    private long _nextMs;
    private long _computedMs;
    private long _agreedMs = long.MinValue;

    /// <summary>The owners, as bits of slots, whose state differs from this replica's at the same clock.</summary>
    public ulong Contradicting { get; private set; }

    /// <summary>The digest of the state at a clock, where it has been computed.</summary>
    public UInt128? DigestAt(ClockView clock) => _digestClock is not null && _digestClock.Equals(clock) ? _digest : null;

    /// <summary>When every other owner was last found to hold the same state, in steady milliseconds; null where that never was.</summary>
    public long? AgreedAtMs => _agreedMs == long.MinValue ? null : _agreedMs;

    /// <summary>Continues computing while nothing changes.</summary>
    public void Tick(long nowMs)
    {
        if (_left is null)
        {
            if (nowMs < _nextMs) return;

            // A state that does not change is looked at again too: memory may be damaged at any time.
            if (nowMs - _computedMs < settings.AuditRepeatMs && _digestClock is not null && _digestClock.Equals(applied)) return;
            _nextMs = nowMs + settings.AuditIntervalMs;
            _runningClock = applied.Copy();
            _running.Reset();
            _left = keys.Entries.GetEnumerator();
        }

        // A change in between ends the attempt. The next one begins after the interval.
        if (!_runningClock!.Equals(applied))
        {
            _left = null;
            return;
        }

        for (var i = 0; i < settings.AuditKeysPerTick; i++)
        {
            if (_left.MoveNext())
            {
                _running.Add(_left.Current.Key, _left.Current.Value);
                continue;
            }

            _left = null;
            _computedMs = nowMs;
            SetDigest(_running.Sum);
            return;
        }
    }

    /// <summary>The state was replaced. Whatever was computed of it is void.</summary>
    public void Reset()
    {
        _digestClock = null;
        _left = null;
        Contradicting = 0;
        Array.Clear(_told);
    }

    /// <summary>Another node holds the slot.</summary>
    public void HolderChanged(int slot)
    {
        _told[slot] = null;
        Contradicting &= ~(1UL << slot);
    }

    /// <summary>Takes what an owner told.</summary>
    public void Hear(int slot, ClocksMessage clocks, long nowMs)
    {
        _told[slot] = clocks.Digest is not null && DigestAt(clocks.Applied) is not null ? clocks.Digest : null;
        if (_told[slot] is { } theirs && theirs == _digest) Contradicting &= ~(1UL << slot);
        else if (_told[slot] is not null) Contradicting |= 1UL << slot;
        if (IsAgreed()) _agreedMs = nowMs;
    }

    /// <summary>
    /// True where a majority of the owners agree on another state than this replica's, at the same clock. <paramref name="slot"/> is one of
    /// them.
    /// </summary>
    public bool IsOutvoted(out int slot)
    {
        slot = -1;
        if (Contradicting == 0 || DigestAt(applied) is null) return false;
        for (var i = 0; i < _told.Length; i++)
        {
            if (_told[i] is not { } theirs || theirs == _digest) continue;
            var agree = 0;
            foreach (var told in _told)
                if (told == theirs) agree++;
            if (agree <= _told.Length / 2) continue;
            slot = i;
            return true;
        }

        return false;
    }

    private bool IsAgreed()
    {
        for (var i = 0; i < _told.Length; i++)
            if (i != peers.OwnSlot && _told[i] != _digest) return false;
        return _digestClock is not null;
    }

    private void SetDigest(UInt128 digest)
    {
        _digest = digest;
        _digestClock = _runningClock;
        Array.Clear(_told);
        Contradicting = 0;
    }
}

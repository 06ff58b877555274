using Gossipdb.Crdt.Causality;

namespace Gossipdb.Replication.Time;

/// <summary>
/// The cluster's time, as one incarnation of a replica goes by it. What has passed here never comes back, whatever the host's clock does.
/// For others act on what this incarnation has told: an owner that says a key's life is over must not prolong that life afterwards. What
/// the clock said at one input holds until the next <see cref="Read"/>.
/// <para>Others also act on what an earlier incarnation on this node has told, and that was in memory only. Whoever did so went by a time
/// that had passed for itself too. So this incarnation goes by what the others say has passed for them (<see cref="Hear"/>).</para>
/// </summary>
internal sealed class ReplicaClock(ITimeSource host, long maxClockSkewMs)
{
    private ClusterTime _now;
    private long _heardMs;

    /// <summary>Looks at the clock. Call it at the beginning of every input.</summary>
    public void Read()
    {
        _now = host.Time;
        PassedMs = Math.Max(PassedMs, _now.PassedUnixMs);

        // Two that know the time differ by no more than this. What was told beyond that comes from clocks that were wrong once, and must
        // not outlast the process that went by them.
        if (_now.IsKnown && _heardMs <= _now.UnixMs + maxClockSkewMs) PassedMs = Math.Max(PassedMs, _heardMs);
    }

    /// <summary>Notes a time that has passed for another owner. It is 0 where that one knows none.</summary>
    public void Hear(long passedMs) => _heardMs = Math.Max(_heardMs, passedMs);

    /// <summary>Takes over from an earlier incarnation of the same process.</summary>
    public void Continue(ReplicaClock before) => PassedMs = Math.Max(PassedMs, before.PassedMs);

    /// <summary>
    /// When a life begins that an event of this timestamp gives to a key. While the time is not known, the timestamp at least says when the
    /// partition was last written. This node's clock may be an hour behind that, and the life would be over before it begins.
    /// </summary>
    public long LifeBeginsAt(HybridTimestamp stamp) => _now.IsKnown ? UnixMs : Math.Max(UnixMs, stamp.UnixMilliseconds);

    /// <summary>The time at which new timestamps begin. Where it is not known, it is no earlier than what others say has passed.</summary>
    public long UnixMs => Math.Max(_now.UnixMs, _now.IsKnown ? PassedMs : Math.Max(PassedMs, _heardMs));

    /// <summary>A time that has passed for certain. It never goes back.</summary>
    public long PassedMs { get; private set; }

    /// <summary>No operation id with this deadline or an earlier one is executed here any more. It never goes back.</summary>
    public long NamesPassedMs => Math.Max(0, PassedMs - maxClockSkewMs);

    /// <summary>
    /// Readers do not see keys whose life ends at this time or before. It is a time that has passed for certain. Where none is known, it is
    /// one that seems to have passed.
    /// </summary>
    public long ExpiredMs => _now.IsKnown ? PassedMs : UnixMs;

    /// <summary>Whether this node may remove what has expired. If not, another owner must execute writes to it.</summary>
    public bool MayRemove => _now is { IsKnown: true, MayRemove: true };
}

using Gossipdb.Crdt.Causality;

namespace Gossipdb.Replication.Time;

/// <summary>
/// The cluster's time as one incarnation of a replica goes by it. What has passed here never comes back, whatever the host's clock does:
/// others act on what this incarnation has told (an owner that
/// says a life is over must not prolong it afterwards). What the clock said at one input holds until the next <see cref="Read"/>.
/// </summary>
internal sealed class ReplicaClock(ITimeSource host, long maxClockSkewMs)
{
    private ClusterTime _now;

    /// <summary>Looks at the clock. To be called at the beginning of every input.</summary>
    public void Read()
    {
        _now = host.Time;
        PassedMs = Math.Max(PassedMs, _now.PassedUnixMs);
    }

    /// <summary>Takes over from an earlier incarnation of the same process.</summary>
    public void Continue(ReplicaClock before) => PassedMs = Math.Max(PassedMs, before.PassedMs);

    /// <summary>
    /// When a life begins that an event of this timestamp gives. While the time is not known the timestamp says at least when the
    /// partition was last written: the own clock may be an hour behind that,
    /// and the life would be over before it begins.
    /// </summary>
    public long LifeBeginsAt(HybridTimestamp stamp) => _now.IsKnown ? UnixMs : Math.Max(UnixMs, stamp.UnixMilliseconds);

    /// <summary>What new timestamps begin at.</summary>
    public long UnixMs => Math.Max(_now.UnixMs, PassedMs);

    /// <summary>What has passed for certain. Never goes back.</summary>
    public long PassedMs { get; private set; }

    /// <summary>Operation ids whose deadline is not later are executed here no more. Never goes back.</summary>
    public long NamesPassedMs => Math.Max(0, PassedMs - maxClockSkewMs);

    /// <summary>
    /// Keys whose life ends no later are not there for readers: what has passed for certain, and where that is not known what seems to
    /// have.
    /// </summary>
    public long ExpiredMs => _now.IsKnown ? PassedMs : UnixMs;

    /// <summary>Whether what has expired may be removed: else writes to it are another owner's to execute.</summary>
    public bool MayRemove => _now is { IsKnown: true, MayRemove: true };
}

using Gossipdb.Node.Configuration;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Time;

namespace Gossipdb.Node.Observability;

/// <summary>
/// The node's clocks. The steady one measures every duration: it is never set, and means nothing to another process. The wall clock
/// stamps, and may be set back or forward at any moment: nothing that
/// waits goes by it. What decides is the cluster's time, which the links measure. Any thread.
/// </summary>
internal sealed class NodeClock
{
    // Links need a moment to measure anything.
    private const long PatienceMs = 10_000;
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly NodeSettings _settings;
    private readonly NodeHealth _health;
    private readonly long _started;
    private readonly ClusterClock _cluster;
    private readonly HashSet<NodeId> _offPeers = [];
    private volatile ClockEstimate _estimate = ClockEstimate.None;
    private long _knownAtMs;
    private bool _isOff;

    public NodeClock(TimeProvider time, NodeSettings settings, NodeHealth health)
    {
        (_time, _settings, _health) = (time, settings, health);
        _started = time.GetTimestamp();
        _knownAtMs = SteadyMs;
        _cluster = new ClusterClock(settings.Id, settings.Replica.MaxClockSkewMs);
    }

    /// <summary>Both clocks, as the platform has them.</summary>
    public TimeProvider Time => _time;

    /// <summary>Milliseconds from whatever moment on, by a clock that is never set.</summary>
    public long SteadyMs => SteadyUs / 1_000;

    /// <summary>The same in microseconds.</summary>
    public long SteadyUs => _time.GetElapsedTime(0).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Milliseconds since the node started.</summary>
    public long UptimeMs => (long)_time.GetElapsedTime(_started).TotalMilliseconds;

    /// <summary>The wall clock, in Unix milliseconds.</summary>
    public long WallMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The cluster's time, as far as this node knows.</summary>
    public ClusterTime ClusterTime => _estimate.At(SteadyMs, WallMs);

    /// <summary>How far this machine's clock is ahead of the cluster's time; negative where it is behind.</summary>
    public long OffsetMs => WallMs - ClusterTime.UnixMs;

    /// <summary>What to tell another node of the clocks, as the envelope leaves.</summary>
    public ClockStamp StampFor(NodeId peer)
    {
        lock (_gate) return _cluster.Of(peer).Stamp(SteadyMs, WallMs);
    }

    /// <summary>Takes what another node tells of its clocks.</summary>
    public void Take(NodeId from, ClockStamp stamp)
    {
        lock (_gate) _cluster.Of(from).Take(stamp, SteadyMs);
    }

    /// <summary>How long the way to another node and back takes, in milliseconds; null where it is not known.</summary>
    public long? RoundTripMsOf(NodeId peer)
    {
        lock (_gate) return _cluster.Of(peer).RoundTripMs(SteadyMs);
    }

    /// <summary>How far another node's clock is ahead of this one's, and how far that may be off; null where it is not known.</summary>
    public (long AheadMs, long UncertaintyMs)? AheadOf(NodeId peer)
    {
        lock (_gate)
        {
            var steadyMs = SteadyMs;
            return _cluster.Of(peer).Best(steadyMs) is var (offset, uncertainty) ? (steadyMs + offset - WallMs, uncertainty) : null;
        }
    }

    /// <summary>
    /// Looks what time it is by the clocks of these nodes, and says so where one of them is off. To be called every so often.
    /// </summary>
    public void Look(IReadOnlyList<NodeId> members)
    {
        lock (_gate)
        {
            var (steadyMs, wallMs) = (SteadyMs, WallMs);
            _estimate = _cluster.Estimate(_estimate, members, steadyMs, wallMs);
            var time = _estimate.At(steadyMs, wallMs);
            SayOwn(time, steadyMs, wallMs);
            if (time.IsKnown) SayOthers(members, time, steadyMs);
        }
    }

    private void SayOwn(ClusterTime time, long steadyMs, long wallMs)
    {
        var most = _settings.Replica.MaxClockSkewMs;
        if (time.IsKnown) _knownAtMs = steadyMs;
        if (!time.IsKnown)
        {
            if (steadyMs - _knownAtMs > PatienceMs)
                _health.ClockIsOff("the cluster's time is not known: the clocks of a majority of the nodes are not heard, or do not agree; "
                    + "nothing is removed here by expiry");
            return;
        }

        // Once said, it holds until the difference is well below.
        var ahead = wallMs - time.UnixMs;
        _isOff = Math.Abs(ahead) > (_isOff ? most / 2 : most);
        _health.ClockIsOff(_isOff
            ? $"this node's clock is {Math.Abs(ahead)} ms {(ahead > 0 ? "ahead of" : "behind")} the cluster's time, and "
                + $"gossipdb.time.max-clock-skew is {most} ms: nothing is removed here by expiry until it is set right"
            : null);
    }

    private void SayOthers(IReadOnlyList<NodeId> members, ClusterTime time, long steadyMs)
    {
        var most = _settings.Replica.MaxClockSkewMs;
        foreach (var member in members)
        {
            if (member == _settings.Id || _cluster.Of(member).Best(steadyMs) is not var (offset, uncertainty)) continue;
            var ahead = steadyMs + offset - time.UnixMs;
            var wasOff = _offPeers.Contains(member);
            var isOff = Math.Abs(ahead) - uncertainty > (wasOff ? most / 2 : most);
            if (isOff == wasOff) continue;
            if (isOff) _offPeers.Add(member);
            else _offPeers.Remove(member);
            _health.Warn(isOff
                ? $"the clock of node {member} is {Math.Abs(ahead)} ms {(ahead > 0 ? "ahead of" : "behind")} the cluster's time"
                : $"the clock of node {member} is right again");
        }
    }
}

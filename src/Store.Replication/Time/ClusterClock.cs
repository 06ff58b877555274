using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Time;

/// <summary>
/// The cluster's time: the median of its nodes' wall clocks, so that no one of them, nor any minority, can move it. It is known where a
/// majority of the nodes is heard and a majority
/// agrees with the median; from then on it goes by the own steady clock, and is the less certain the longer ago that was. Not safe for
/// several threads.
/// </summary>
/// <param name="self">The own node.</param>
/// <param name="maxSkewMs">How far two clocks may differ and still agree.</param>
public sealed class ClusterClock(NodeId self, long maxSkewMs)
{
    private readonly Dictionary<NodeId, PeerClock> _peers = [];
    private readonly List<(long OffsetMs, long UncertaintyMs)> _heard = [];

    /// <summary>The clock of another node.</summary>
    public PeerClock Of(NodeId node)
    {
        if (!_peers.TryGetValue(node, out var clock)) _peers.Add(node, clock = new PeerClock());
        return clock;
    }

    /// <summary>What is known by now: the last estimate, unless a better one can be had.</summary>
    /// <param name="last">The last estimate.</param>
    /// <param name="members">The nodes whose clocks count.</param>
    /// <param name="steadyMs">The own steady clock.</param>
    /// <param name="wallMs">The own wall clock.</param>
    public ClockEstimate Estimate(ClockEstimate last, IReadOnlyList<NodeId> members, long steadyMs, long wallMs)
    {
        // All of them against the own steady clock, the own wall clock too.
        _heard.Clear();
        _heard.Add((wallMs - steadyMs, 0));
        var count = 1;
        for (var i = 0; i < members.Count; i++)
        {
            if (members[i] == self) continue;
            count++;
            if (_peers.TryGetValue(members[i], out var peer) && peer.Best(steadyMs) is { } best) _heard.Add(best);
        }

        if (_heard.Count * 2 <= count) return last;
        _heard.Sort(static (a, b) => a.OffsetMs.CompareTo(b.OffsetMs));

        // Of an even number the lower one: what has expired can wait.
        var median = _heard[(_heard.Count - 1) / 2].OffsetMs;
        var (agreeing, uncertainty) = (0, 0L);
        foreach (var (offset, uncertain) in _heard)
        {
            if (Math.Abs(offset - median) > maxSkewMs + uncertain) continue;
            agreeing++;
            uncertainty = Math.Max(uncertainty, uncertain);
        }

        if (agreeing * 2 <= count || last.IsAsGoodAs(median, uncertainty, steadyMs)) return last;
        return new ClockEstimate(maxSkewMs, median, uncertainty, steadyMs);
    }
}

/// <summary>What was last known of the cluster's time. It does not change: to be handed to whoever stamps.</summary>
/// <param name="maxSkewMs">Past this much uncertainty nothing is known, and past this much difference to the own wall clock nothing is
/// removed.</param>
/// <param name="offsetMs">The cluster's time less the own steady clock.</param>
/// <param name="uncertaintyMs">How far that may be off, when it was measured.</param>
/// <param name="atMs">When that was, by the own steady clock; -1 where it never was.</param>
public sealed class ClockEstimate(long maxSkewMs, long offsetMs, long uncertaintyMs, long atMs)
{
    /// <summary>Nothing was measured yet.</summary>
    public static readonly ClockEstimate None = new(0, 0, 0, -1);

    /// <summary>True where another estimate says the same and is less certain: the links were busy meanwhile.</summary>
    internal bool IsAsGoodAs(long otherOffsetMs, long otherUncertaintyMs, long steadyMs)
    {
        var uncertain = uncertaintyMs + PeerClock.Drift(steadyMs - atMs);
        return atMs >= 0 && uncertain <= otherUncertaintyMs && Math.Abs(offsetMs - otherOffsetMs) <= uncertain + otherUncertaintyMs;
    }

    /// <summary>The cluster's time; the own wall clock where it was never measured.</summary>
    public ClusterTime At(long steadyMs, long wallMs)
    {
        if (atMs < 0) return new ClusterTime(wallMs, 0, IsKnown: false, MayRemove: false);
        var time = steadyMs + offsetMs;
        var uncertain = uncertaintyMs + PeerClock.Drift(steadyMs - atMs);
        var isKnown = uncertain <= maxSkewMs;
        return new ClusterTime(time, uncertain, isKnown, MayRemove: isKnown && Math.Abs(wallMs - time) <= maxSkewMs);
    }
}

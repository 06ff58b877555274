using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Time;

/// <summary>
/// The cluster's time: the median of its nodes' wall clocks. No single one of them, and no minority, can move it. (Clocks are measured as
/// in NTP, RFC 5905, section 8; Cristian, "Probabilistic clock synchronization", 1989.)
/// <para>It is known where a majority of the nodes is heard and a majority agrees with the median. From then on it goes by this node's
/// steady clock, and is the less certain the longer ago that was. Not safe for several threads.</para>
/// </summary>
/// <param name="self">This node.</param>
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

    /// <summary>What is known by now: the last estimate, unless there is a better one.</summary>
    /// <param name="last">The last estimate.</param>
    /// <param name="members">The nodes whose clocks count.</param>
    /// <param name="steadyMs">This node's steady time.</param>
    /// <param name="wallMs">This node's wall clock.</param>
    public ClockEstimate Estimate(ClockEstimate last, IReadOnlyList<NodeId> members, long steadyMs, long wallMs)
    {
        // All of them are compared with this node's steady clock, its own wall clock too.
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

        // Of an even number it takes the lower one. What has expired can wait.
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

/// <summary>What was last known of the cluster's time. It does not change, so it can be handed to whoever stamps.</summary>
/// <param name="maxSkewMs">
/// With more uncertainty than this, nothing is known. With more difference to this node's wall clock, nothing is removed.
/// </param>
/// <param name="offsetMs">The cluster's time less this node's steady time.</param>
/// <param name="uncertaintyMs">How far that may have been off when it was measured.</param>
/// <param name="atMs">When it was measured, in this node's steady time; -1 where it never was.</param>
public sealed class ClockEstimate(long maxSkewMs, long offsetMs, long uncertaintyMs, long atMs)
{
    /// <summary>Nothing was measured yet.</summary>
    public static readonly ClockEstimate None = new(0, 0, 0, -1);

    /// <summary>True where another estimate says the same and is less certain, because the links were busy meanwhile.</summary>
    internal bool IsAsGoodAs(long otherOffsetMs, long otherUncertaintyMs, long steadyMs)
    {
        var uncertain = uncertaintyMs + PeerClock.Drift(steadyMs - atMs);
        return atMs >= 0 && uncertain <= otherUncertaintyMs && Math.Abs(offsetMs - otherOffsetMs) <= uncertain + otherUncertaintyMs;
    }

    /// <summary>The cluster's time. It is this node's wall clock where it was never measured.</summary>
    public ClusterTime At(long steadyMs, long wallMs)
    {
        if (atMs < 0) return new ClusterTime(wallMs, 0, IsKnown: false, MayRemove: false);
        var time = steadyMs + offsetMs;
        var uncertain = uncertaintyMs + PeerClock.Drift(steadyMs - atMs);
        var isKnown = uncertain <= maxSkewMs;
        return new ClusterTime(time, uncertain, isKnown, MayRemove: isKnown && Math.Abs(wallMs - time) <= maxSkewMs);
    }
}

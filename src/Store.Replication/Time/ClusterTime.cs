namespace Gossipdb.Replication.Time;

/// <summary>
/// What a node knows of the cluster's time, in Unix milliseconds. It stamps: hybrid timestamps, the ends of lives, the deadlines of
/// operation ids. No duration is measured by it: it may be
/// set back or forward at any moment, as the wall clocks it comes from.
/// </summary>
/// <param name="UnixMs">The best estimate.</param>
/// <param name="UncertaintyMs">How far the estimate may be off, either way.</param>
/// <param name="IsKnown">True where it was measured against the clocks of a majority of the nodes; else it is the node's own clock, which
/// nobody has confirmed.</param>
/// <param name="MayRemove">True where the node may remove by it what has expired.</param>
public readonly record struct ClusterTime(long UnixMs, long UncertaintyMs, bool IsKnown, bool MayRemove)
{
    /// <summary>A moment that has passed for certain; the year 1970 where nothing is known.</summary>
    public long PassedUnixMs => IsKnown ? UnixMs - UncertaintyMs : 0;
}

namespace Gossipdb.Replication.Time;

/// <summary>
/// What a node knows of the cluster's time, in Unix milliseconds. It stamps: hybrid timestamps, the ends of keys' lives, the deadlines of
/// operation ids. It measures no duration, because it may be set back or forward at any moment, as the wall clocks it comes from.
/// </summary>
/// <param name="UnixMs">The best estimate.</param>
/// <param name="UncertaintyMs">How far the estimate may be off, either way.</param>
/// <param name="IsKnown">
/// True where it was measured against the clocks of a majority of the nodes. Otherwise it is the node's own wall clock, which nobody has
/// confirmed.
/// </param>
/// <param name="MayRemove">True where the node may remove what has expired by it.</param>
public readonly record struct ClusterTime(long UnixMs, long UncertaintyMs, bool IsKnown, bool MayRemove)
{
    /// <summary>A moment that has passed for certain. The year 1970 where nothing is known.</summary>
    public long PassedUnixMs => IsKnown ? UnixMs - UncertaintyMs : 0;
}

namespace Gossipdb.Client.Connection;

/// <summary>What a node has told of the cluster's time.</summary>
/// <param name="OffsetMs">The cluster's time in Unix milliseconds, less <see cref="Environment.TickCount64"/>.</param>
/// <param name="IsKnown">False where it was the node's own clock, which nobody has confirmed.</param>
internal sealed record ToldTime(long OffsetMs, bool IsKnown);

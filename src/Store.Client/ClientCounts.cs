namespace Gossipdb.Client;

/// <summary>What has become of a client's calls since it was created, the calls of its sessions included.</summary>
/// <param name="Calls">The calls that were begun. A read of keys of several partitions is one of each.</param>
/// <param name="Retries">How often a call was sent again (<see cref="GossipdbOptions.MaxAttempts"/>).</param>
/// <param name="Hedges">
/// How often a second owner was asked what a first had not answered (<see cref="GossipdbOptions.HedgeDelay"/>).
/// </param>
/// <param name="HedgesWon">In how many of these the second one's answer counted.</param>
/// <param name="HedgesWithheld">
/// How often none was asked though the first was slow: the share was used up (<see cref="GossipdbOptions.HedgeShare"/>), or there was no
/// other owner within reach.
/// </param>
public sealed record ClientCounts(long Calls, long Retries, long Hedges, long HedgesWon, long HedgesWithheld);

namespace Gossipdb.Bench.Timeline;

/// <summary>A stretch of the run between two events.</summary>
internal sealed record Phase(string Name, TimeSpan From, TimeSpan Until);

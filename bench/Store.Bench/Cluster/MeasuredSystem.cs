namespace Gossipdb.Bench.Cluster;

/// <summary>A system that can be measured.</summary>
internal enum MeasuredSystem
{
    Gossipdb,
    Akka,
    Redis,

    /// <summary>The floor: the same frames with nothing done in between.</summary>
    Frames,
}

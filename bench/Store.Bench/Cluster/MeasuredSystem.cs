namespace Gossipdb.Bench.Cluster;

/// <summary>A system that can be measured.</summary>
internal enum MeasuredSystem
{
    Gossipdb,
    Akka,
    Redis,
}

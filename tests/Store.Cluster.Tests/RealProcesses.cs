namespace Gossipdb.Cluster.Tests;

/// <summary>Tests with node processes run one after the other: each needs the machine.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RealProcesses
{
    public const string Name = "real processes";
}

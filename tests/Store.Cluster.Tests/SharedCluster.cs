using Gossipdb.Lab.Faults;

namespace Gossipdb.Cluster.Tests;

/// <summary>
/// Three nodes that many tests use, one after the other: to start them takes longer than most of what is tried on them. Each test has
/// keys of its own, and finds the cluster whole, whatever the one before did to it.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SharedCluster : IAsyncLifetime, ICollectionFixture<SharedCluster>
{
    public const string Name = "real processes that are shared";

    private TestCluster? _cluster;

    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>The cluster, every node up and every link whole.</summary>
    internal async Task<TestCluster> WholeAsync()
    {
        _cluster ??= await TestCluster.StartAsync(3, "gossipdb.replication.collect-interval = 500ms");
        await _cluster.Faults.ApplyAsync(new HealCommand());
        await _cluster.Local.WaitReadyAsync();
        await _cluster.UntilWholeAsync();
        return _cluster;
    }

    public async Task DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }
}

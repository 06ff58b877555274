using Gossipdb.Lab.Scenarios;

namespace Gossipdb.Lab.Running;

/// <summary>The clients of all groups of callers of a run.</summary>
internal sealed class GroupStores : IAsyncDisposable
{
    private readonly GroupStore[] _stores;

    /// <param name="scenario">The scenario.</param>
    /// <param name="place">Where calls are made.</param>
    public GroupStores(Scenario scenario, RunPlace place) => _stores =
    [
        .. scenario.Workload.Select(group => new GroupStore(place, group.Nodes, group.Roams, group.Timeout)),
    ];

    /// <summary>Connects all of them.</summary>
    /// <exception cref="Client.ConnectionException">A node does not answer.</exception>
    public Task ConnectAsync(CancellationToken stop) => Task.WhenAll(_stores.Select(store => store.ConnectAsync(stop)));

    /// <summary>The calls of one caller.</summary>
    /// <param name="group">Which group of the scenario, from 0.</param>
    /// <param name="session">Whether they are a session.</param>
    public IStoreCalls CallsOf(int group, bool session) => _stores[group].CallsOf(session);

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores) await store.DisposeAsync().ConfigureAwait(false);
    }
}

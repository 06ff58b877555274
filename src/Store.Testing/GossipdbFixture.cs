namespace Gossipdb.Testing;

/// <summary>
/// A cluster that several tests share: it is started when the first of them asks, and stopped with the fixture. It needs no test framework
/// and suits all: xunit's <c>IClassFixture&lt;GossipdbFixture&gt;</c> (version 2 and 3), a static field of NUnit or MSTest. Derive from it
/// for a cluster of another kind:
/// <code>public sealed class ThreeNodes() : GossipdbFixture(new() { Nodes = 3 });</code>
/// </summary>
public class GossipdbFixture : IAsyncDisposable, IDisposable
{
    private readonly GossipdbClusterOptions _options;
    private readonly Lock _gate = new();
    private Task<GossipdbCluster>? _starting;
    private bool _isDisposed;

    /// <summary>One node.</summary>
    public GossipdbFixture()
        : this(new GossipdbClusterOptions())
    {
    }

    /// <summary>A cluster of another kind.</summary>
    /// <param name="options">Which.</param>
    protected GossipdbFixture(GossipdbClusterOptions options) => _options = options;

    /// <summary>
    /// The cluster, whole: whatever an earlier test broke is mended. Tests that share it use keys of their own.
    /// </summary>
    /// <exception cref="GossipdbClusterException">It does not start, or could not be mended.</exception>
    public async Task<GossipdbCluster> ClusterAsync()
    {
        Task<GossipdbCluster> starting;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            starting = _starting ??= GossipdbCluster.StartAsync(_options);
        }

        var cluster = await starting.ConfigureAwait(false);
        await cluster.MendAsync().ConfigureAwait(false);
        return cluster;
    }

    /// <summary>Stops the cluster, where there is one.</summary>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Task<GossipdbCluster>? starting;
        lock (_gate)
        {
            _isDisposed = true;
            (starting, _starting) = (_starting, null);
        }

        if (starting is null) return;
        await ((Task)starting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (starting.IsCompletedSuccessfully) await starting.Result.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The same, and waits for it: test frameworks that dispose of nothing asynchronously call this.</summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);

        // Not on this thread, which may be the only one that what is awaited could go on on.
        Task.Run(async () => await DisposeAsync().ConfigureAwait(false)).GetAwaiter().GetResult();
    }
}

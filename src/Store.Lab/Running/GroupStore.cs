using Gossipdb.Client;

namespace Gossipdb.Lab.Running;

/// <summary>The clients of one group of callers: they talk to the group's nodes and to no other, so they stay on their side of a
/// cut.</summary>
internal sealed class GroupStore : IAsyncDisposable
{
    private readonly GossipdbClient? _side;
    private readonly GossipdbClient[] _nodes;
    private readonly string _keyPrefix;

    /// <param name="place">Where calls are made.</param>
    /// <param name="nodes">The group's nodes.</param>
    /// <param name="roams">Whether each call goes to a node of its own draw.</param>
    /// <param name="timeout">How long a call may take.</param>
    public GroupStore(RunPlace place, IReadOnlyList<int> nodes, bool roams, TimeSpan timeout)
    {
        _keyPrefix = place.KeyPrefix;
        _side = roams ? null : place.Client(nodes, timeout);
        _nodes = roams ? [.. nodes.Select(node => place.Client([node], timeout))] : [];
    }

    /// <summary>The calls of one caller of the group.</summary>
    /// <param name="session">Whether they are a session.</param>
    public IStoreCalls CallsOf(bool session) => (_side, session) switch
    {
        ({ } side, true) => new OfStore(side.OpenSession(), _keyPrefix),
        ({ } side, false) => new OfStore(side, _keyPrefix),
        (null, true) => new OfRoamingSession(_nodes, _keyPrefix),
        (null, false) => new OfNodes(_nodes, _keyPrefix),
    };

    /// <summary>Connects its clients: no call of the run is to wait for that.</summary>
    public Task ConnectAsync(CancellationToken stop) =>
        Task.WhenAll((_side is null ? _nodes : [_side]).Select(client => client.EnsureConnectedAsync(stop)));

    public async ValueTask DisposeAsync()
    {
        if (_side is not null) await _side.DisposeAsync().ConfigureAwait(false);
        foreach (var client in _nodes) await client.DisposeAsync().ConfigureAwait(false);
    }

    private sealed class OfStore(GossipdbStore store, string keyPrefix) : IStoreCalls
    {
        public Task<StoreAnswer> CallAsync(StoreCall call, double node, CancellationToken stop) =>
            StoreCalls.MakeAsync(store, keyPrefix, call, stop);
    }

    private sealed class OfNodes(GossipdbClient[] nodes, string keyPrefix) : IStoreCalls
    {
        public Task<StoreAnswer> CallAsync(StoreCall call, double node, CancellationToken stop) =>
            StoreCalls.MakeAsync(nodes[(int)(node * nodes.Length)], keyPrefix, call, stop);
    }

    // The session moves with its caller: what it has seen is a token, good at every node. One caller makes one call at a time.
    private sealed class OfRoamingSession(GossipdbClient[] nodes, string keyPrefix) : IStoreCalls
    {
        private ClockToken _seen = ClockToken.None;

        public async Task<StoreAnswer> CallAsync(StoreCall call, double node, CancellationToken stop)
        {
            var session = nodes[(int)(node * nodes.Length)].OpenSession(_seen);
            try
            {
                return await StoreCalls.MakeAsync(session, keyPrefix, call, stop).ConfigureAwait(false);
            }
            finally
            {
                _seen = session.Token;
            }
        }
    }
}

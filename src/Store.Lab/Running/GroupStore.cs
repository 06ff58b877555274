using Gossipdb.Client;

namespace Gossipdb.Lab.Running;

/// <summary>The clients of one group of callers: they talk to the group's nodes and to no other, so they stay on their side of a
/// cut.</summary>
internal sealed class GroupStore : IAsyncDisposable
{
    private readonly GossipdbClient? _side;
    private readonly GossipdbClient[] _nodes;

    /// <param name="endpoints">Where the group's nodes serve clients.</param>
    /// <param name="roams">Whether each call goes to a node of its own draw.</param>
    /// <param name="timeout">How long a call may take.</param>
    public GroupStore(IReadOnlyList<string> endpoints, bool roams, TimeSpan timeout)
    {
        _side = roams ? null : Client(endpoints, timeout);
        _nodes = roams ? [.. endpoints.Select(endpoint => Client([endpoint], timeout))] : [];
    }

    /// <summary>The calls of one caller of the group.</summary>
    /// <param name="session">Whether they are a session.</param>
    public IStoreCalls CallsOf(bool session) => (_side, session) switch
    {
        ({ } side, true) => new OfStore(side.OpenSession()),
        ({ } side, false) => new OfStore(side),
        (null, true) => new OfRoamingSession(_nodes),
        (null, false) => new OfNodes(_nodes),
    };

    /// <summary>Connects its clients: no call of the run is to wait for that.</summary>
    public Task ConnectAsync(CancellationToken stop) =>
        Task.WhenAll((_side is null ? _nodes : [_side]).Select(client => client.EnsureConnectedAsync(stop)));

    public async ValueTask DisposeAsync()
    {
        if (_side is not null) await _side.DisposeAsync().ConfigureAwait(false);
        foreach (var client in _nodes) await client.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>A client that talks to these nodes alone, and whose calls are no session.</summary>
    public static GossipdbClient Client(IReadOnlyList<string> endpoints, TimeSpan timeout) => new(new GossipdbOptions
    {
        Endpoints = endpoints,
        Discover = false,
        Session = false,
        Timeout = timeout,
    });

    private sealed class OfStore(GossipdbStore store) : IStoreCalls
    {
        public Task<StoreAnswer> CallAsync(StoreCall call, double node, CancellationToken stop) => StoreCalls.MakeAsync(store, call, stop);
    }

    private sealed class OfNodes(GossipdbClient[] nodes) : IStoreCalls
    {
        public Task<StoreAnswer> CallAsync(StoreCall call, double node, CancellationToken stop) =>
            StoreCalls.MakeAsync(nodes[(int)(node * nodes.Length)], call, stop);
    }

    // The session moves with its caller: what it has seen is a token, good at every node. One caller makes one call at a time.
    private sealed class OfRoamingSession(GossipdbClient[] nodes) : IStoreCalls
    {
        private ClockToken _seen = ClockToken.None;

        public async Task<StoreAnswer> CallAsync(StoreCall call, double node, CancellationToken stop)
        {
            var session = nodes[(int)(node * nodes.Length)].OpenSession(_seen);
            try
            {
                return await StoreCalls.MakeAsync(session, call, stop).ConfigureAwait(false);
            }
            finally
            {
                _seen = session.Token;
            }
        }
    }
}

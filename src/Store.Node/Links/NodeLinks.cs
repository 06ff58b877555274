using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Transport;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Links;

/// <summary>The links of this node, one to each other node, and how much waits for each. Any thread.</summary>
internal sealed class NodeLinks(NodeSettings settings, AddressBook addresses, DataPort port) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<NodeId, PeerLink> _links = [];
    private readonly ConcurrentDictionary<NodeId, LinkLoad> _loads = [];
    private readonly List<LinkDialer> _dialers = [];
    private readonly CancellationTokenSource _stopping = new();
    private LinkEnvironment? _environment;
    private Task _heartbeats = Task.CompletedTask;

    /// <summary>The nodes there are links to.</summary>
    public IEnumerable<NodeId> Nodes => _links.Keys;

    /// <summary>The link to a node.</summary>
    public PeerLink this[NodeId node] => _links[node];

    /// <summary>The link to a node, where there is one.</summary>
    public bool TryFind(NodeId node, [MaybeNullWhen(false)] out PeerLink link) => _links.TryGetValue(node, out link);

    /// <summary>Whether the link to a node is cut, for an experiment, in either direction: now, or every now and then.</summary>
    public bool MayBeCut(NodeId node) => _links.TryGetValue(node, out var link) && link.Faults is { MayBeSilent: true };

    /// <summary>How much waits for the link to a node.</summary>
    public LinkLoad LoadOf(NodeId node) =>
        _loads.GetOrAdd(node, static (_, limits) => new LinkLoad(limits.LinkQueueBytes - limits.MaxInFlightBytes), settings);

    /// <summary>Starts the links to all nodes whose addresses are known; from here on <see cref="Open"/> starts more.</summary>
    public void Begin(LinkEnvironment environment)
    {
        lock (_gate) _environment = environment;
        foreach (var remote in addresses.Nodes) Open(remote);
        _heartbeats = Task.Run(HeartbeatsAsync);
    }

    /// <summary>Starts the link to a node, where there is none and its address is known.</summary>
    public void Open(NodeId remote)
    {
        lock (_gate)
        {
            if (_environment is null || remote == settings.Id || _links.ContainsKey(remote) || addresses.Find(remote) is null) return;
            var link = new PeerLink(_environment, remote, LoadOf(remote));
            _links[remote] = link;

            // Of two nodes the one with the lower number calls.
            if (settings.Id.CompareTo(remote) < 0)
                _dialers.Add(new LinkDialer(_environment, addresses, port, link, ServeAsync, _stopping.Token));
        }
    }

    /// <summary>A link that tests have put together by hand.</summary>
    internal void Add(PeerLink link) => _links[link.Remote] = link;

    /// <summary>Serves a connection over which another node has called, until it ends.</summary>
    /// <exception cref="CorruptDataException">It is not the caller's to call, or nobody knows the caller.</exception>
    public Task ServeAsync(NodeId caller, FrameConnection connection)
    {
        if (caller.CompareTo(settings.Id) >= 0) throw new CorruptDataException($"node {caller} is to be called, not to call");
        if (!_links.TryGetValue(caller, out var link))
            throw new CorruptDataException($"there is no link to node {caller}: the node is unknown, or this one has just started");
        return IsLost(caller) ? Task.CompletedTask : ServeAsync(link, connection);
    }

    /// <summary>Hangs up on a node that was declared lost.</summary>
    public void HangUp(NodeId lost)
    {
        if (_links.TryGetValue(lost, out var link)) link.HangUp("the node was declared lost");
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _heartbeats;
        foreach (var link in _links.Values) link.HangUp("the node stops");
        Task[] ended;
        lock (_gate) ended = [.. _dialers.Select(static dialer => dialer.Ended)];
        await Task.WhenAll(ended);
    }

    /// <summary>Whether nobody talks to a node any more.</summary>
    public bool IsLost(NodeId node) => _environment?.IsLost(node) == true;

    private static async Task ServeAsync(PeerLink link, FrameConnection connection)
    {
        link.Attach(connection);
        try
        {
            await connection.ReadAsync(envelope => link.Receive(connection, envelope));
        }
        finally
        {
            link.Detach(connection);
        }
    }

    private async Task HeartbeatsAsync()
    {
        // Long past the time after which a node counts as out of reach: a connection that lives on is better than another one.
        var silentAfterMs = 3 * settings.UnreachableAfterMs;
        using var timer = new PeriodicTimer(settings.HeartbeatInterval);
        try
        {
            do
            {
                foreach (var link in _links.Values)
                {
                    if (link.IsConnected && IsLost(link.Remote)) link.HangUp("nobody talks to the node any more");
                    link.Heartbeat(silentAfterMs);
                }
            }
            while (await timer.WaitForNextTickAsync(_stopping.Token));
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
        catch (Exception unexpected)
        {
            _environment!.Health.Fail("the heartbeats of the links failed", unexpected);
        }
    }
}

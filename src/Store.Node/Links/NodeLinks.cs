using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Links;

/// <summary>The links of this node, one to each other node, and how much waits for each. Any thread.</summary>
internal sealed class NodeLinks(NodeSettings settings, AddressBook addresses)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<NodeId, IActorRef> _links = [];
    private readonly ConcurrentDictionary<NodeId, LinkLoad> _loads = [];
    private volatile IReadOnlySet<NodeId> _cuts = new HashSet<NodeId>();
    private Func<NodeId, NodeSettings.NodeAddress, IActorRef>? _start;

    /// <summary>The nodes there are links to.</summary>
    public IEnumerable<NodeId> Nodes => _links.Keys;

    /// <summary>The nodes that links are cut to, for experiments. Written by <see cref="LinkCuts"/> alone.</summary>
    public IReadOnlySet<NodeId> Cuts
    {
        get => _cuts;
        set => _cuts = value;
    }

    /// <summary>The link to a node.</summary>
    public IActorRef this[NodeId node] => _links[node];

    /// <summary>The link to a node, where there is one.</summary>
    public bool TryFind(NodeId node, [MaybeNullWhen(false)] out IActorRef link) => _links.TryGetValue(node, out link);

    /// <summary>How much waits for the link to a node.</summary>
    public LinkLoad LoadOf(NodeId node) =>
        _loads.GetOrAdd(node, static (_, limits) => new LinkLoad(limits.LinkQueueBytes - limits.MaxInFlightBytes), settings);

    /// <summary>Starts the links to all nodes whose addresses are known; from here on <see cref="Open"/> starts more.</summary>
    public void Begin(WatchedActors actors, LinkEnvironment environment)
    {
        lock (_gate)
        {
            _start = (remote, address) =>
            {
                var otherEnd = PeerLink.OtherEnd(actors.System, settings, address);
                var load = LoadOf(remote);
                return actors.Start(
                    Props.Create(() => new PeerLink(environment, remote, otherEnd, load)),
                    PeerLink.NameFor(remote),
                    $"the link to node {remote}");
            };
        }

        foreach (var remote in addresses.Nodes) Open(remote);
    }

    /// <summary>Takes a link that somebody else has started.</summary>
    internal void Add(NodeId remote, IActorRef link) => _links[remote] = link;

    /// <summary>Starts the link to a node, where there is none and its address is known.</summary>
    public void Open(NodeId remote)
    {
        lock (_gate)
        {
            if (_start is null || remote == settings.Id || _links.ContainsKey(remote) || addresses.Find(remote) is not { } address) return;
            _links[remote] = _start(remote, address);
        }
    }
}

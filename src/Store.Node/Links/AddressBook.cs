using System.Collections.Concurrent;
using Gossipdb.Node.Configuration;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Links;

/// <summary>Where nodes are reached: as the own configuration says, else as some layout has said. Any thread.</summary>
internal sealed class AddressBook(NodeSettings settings)
{
    private readonly ConcurrentDictionary<NodeId, NodeSettings.NodeAddress> _learned = [];
    private readonly ConcurrentDictionary<NodeId, (int Port, long? SaidMs)> _dataPorts = [];

    /// <summary>Every node whose address is known.</summary>
    public IEnumerable<NodeId> Nodes => settings.Nodes.Keys.Union(_learned.Keys).Order();

    /// <summary>Where a node is reached; null of a node never heard of.</summary>
    public NodeSettings.NodeAddress? Find(NodeId node) =>
        settings.Nodes.TryGetValue(node, out var configured) ? configured : _learned.GetValueOrDefault(node);

    /// <summary>The nodes that listen for Akka at a host and port: more than one where one has taken another one's place there.</summary>
    public IEnumerable<NodeId> NodesAt(string host, int port) =>
        Nodes.Where(node => Find(node) is { } known && known.PeerHost == host && known.PeerPort == port);

    /// <summary>
    /// Takes down where a layout's members are reached. Nodes that leave it are still reached: they have data to hand over.
    /// </summary>
    public void Learn(Layout layout)
    {
        foreach (var member in layout.Members)
            if (member.PeerHost.Length > 0) _learned[member.Id] = new(member.PeerHost, member.PeerPort, member.ClientEndpoint);
    }

    /// <summary>The data port of a node, on the host of its address; null where it has not said.</summary>
    public int? DataPortOf(NodeId node) => _dataPorts.TryGetValue(node, out var said) ? said.Port : null;

    /// <summary>When a node last said over Akka which its data port is, in steady milliseconds; null where it has not.</summary>
    public long? DataPortSaidMs(NodeId node) => _dataPorts.TryGetValue(node, out var said) ? said.SaidMs : null;

    /// <summary>A node says over Akka which its data port is.</summary>
    public void LearnDataPort(NodeId node, int port, long nowMs) => _dataPorts[node] = (port, nowMs);

    /// <summary>A node that was asked where clients reach it has said which its data port is.</summary>
    public void LearnDataPort(NodeId node, int port) =>
        _dataPorts.AddOrUpdate(node, static (_, said) => (said, null), static (_, known, said) => (said, known.SaidMs), port);
}

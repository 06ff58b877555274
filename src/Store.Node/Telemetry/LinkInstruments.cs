using System.Diagnostics.Metrics;
using System.Globalization;
using Gossipdb.Node.Links;
using Gossipdb.Node.Partitions;

namespace Gossipdb.Node.Telemetry;

/// <summary>The links to the other nodes, one series each, by the label <c>peer</c>.</summary>
internal sealed class LinkInstruments
{
    private readonly NodeLinks _links;
    private readonly PartitionDirectory _partitions;

    public LinkInstruments(Meter meter, NodeLinks links, PartitionDirectory partitions)
    {
        (_links, _partitions) = (links, partitions);
        meter.CreateObservableGauge(
            "gossipdb.link.up", () => Each<long>(static link => link.Reachable ? 1 : 0),
            description: "1 where the other node is heard, else 0.");
        meter.CreateObservableGauge(
            "gossipdb.link.round_trip", () => Each<double>(static link => link.RoundTripMs / 1e3), "s",
            "How long the way to the other node and back takes, as heartbeats of late have shown.");
        meter.CreateObservableGauge(
            "gossipdb.link.clock.offset", () => Each<double>(static link => link.Clock?.AheadMs / 1e3), "s",
            "How far the other node's clock is ahead of this one's; negative where it is behind.");
        meter.CreateObservableCounter(
            "gossipdb.link.sent", () => Each<long>(static link => link.BytesSent), "By", "Bytes sent to the other node.");
        meter.CreateObservableCounter(
            "gossipdb.link.received", () => Each<long>(static link => link.BytesReceived), "By", "Bytes received from the other node.");
        meter.CreateObservableCounter(
            "gossipdb.link.dropped.messages", () => Each<long>(static link => link.MessagesDropped), "{message}",
            "Messages to the other node that were dropped, past the link's queue or while it was out of reach; gossip repairs that.");
    }

    /// <summary>The label that names another node.</summary>
    public static KeyValuePair<string, object?> Peer(Replication.Placement.NodeId node) =>
        new("peer", node.Value.ToString(CultureInfo.InvariantCulture));

    /// <summary>The links to nodes that somebody may still talk to.</summary>
    public static IEnumerable<LinkStatus> Of(NodeLinks links, PartitionDirectory partitions)
    {
        foreach (var node in links.Nodes)
            if (!partitions.Layout.IsLost(node) && links.TryFind(node, out var link)) yield return link.Status();
    }

    private IEnumerable<Measurement<T>> Each<T>(Func<LinkStatus, T?> read)
        where T : struct
    {
        foreach (var link in Of(_links, _partitions))
            if (read(link) is { } value) yield return new Measurement<T>(value, Peer(link.Node));
    }
}

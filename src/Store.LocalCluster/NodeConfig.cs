using System.Globalization;
using System.Text;

namespace Gossipdb.LocalCluster;

/// <summary>Writes the configuration file of one node of a local cluster.</summary>
internal static class NodeConfig
{
    /// <param name="node">The node.</param>
    /// <param name="all">Every node of the cluster, the same on each of them.</param>
    /// <param name="shape">What the cluster is made with.</param>
    /// <param name="directory">Where the cluster keeps its data.</param>
    /// <param name="joins">Whether it is to be added to a cluster that exists.</param>
    /// <param name="secret">The file with the secret by which the nodes know each other; null where they do not have to.</param>
    /// <param name="takesOrders">Whether it is told where orders about processes go.</param>
    /// <param name="more">Further lines, "key = value", which override the ones before.</param>
    public static string Text(
        NodeAddress node, IReadOnlyList<NodeAddress> all, ClusterShape shape, ClusterDirectory directory, bool joins, string? secret,
        bool takesOrders, IEnumerable<string> more)
    {
        var nodes = all.Select(static one =>
            Quoted(string.Create(CultureInfo.InvariantCulture, $"{one.Id} {ClusterAddresses.Host}:{one.PeerPort} {one.Endpoint}")));
        var text = new StringBuilder();
        text.Append("# Written by 'gossipdb up' at every start: changes here are lost.\n");
        Line("node.id", node.Id);
        Line("node.data-dir", Quoted(directory.DataOf(node.Id)));
        Line("node.host", Quoted(ClusterAddresses.Host));
        Line("node.client-port", node.ClientPort);
        Line("node.http-port", node.HttpPort);
        Line("node.peer-port", node.PeerPort);
        Line("node.stop-with-parent", "on");
        Line("cluster.partitions", shape.Partitions);
        Line("cluster.replication", shape.Replication);
        Line("cluster.join", joins ? "on" : "off");
        Line("cluster.nodes", $"[{string.Join(", ", nodes)}]");
        if (secret is not null) Line("cluster.secret-file", Quoted(secret));
        Line("lab.fault-injection", "on");
        if (takesOrders) Line("lab.control-file", Quoted(directory.ControlFile));
        Line("log.console", "off");
        foreach (var line in more) text.Append(line).Append('\n');
        return text.ToString();

        void Line(string key, object value) => text.Append(CultureInfo.InvariantCulture, $"gossipdb.{key} = {value}\n");
    }

    /// <summary>A text as the configuration has it.</summary>
    public static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}

using Gossipdb.Node.Configuration;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests;

/// <summary>Settings for tests.</summary>
internal static class TestSettings
{
    /// <summary>A file that says no more than it must: one node.</summary>
    public const string Minimal = """
        gossipdb.node.id = 1
        gossipdb.node.data-dir = "data"
        gossipdb.cluster.nodes = ["1 127.0.0.1:5301 http://127.0.0.1:5101"]

        """;

    /// <summary>The minimal file with more lines; later lines win.</summary>
    public static NodeSettings Parse(string more = "") => NodeSettings.Parse(Minimal + more, "node.conf");

    /// <summary>Node <paramref name="id"/> of two nodes that share every partition.</summary>
    public static NodeSettings OfTwo(int id, string more = "", int peerPort1 = 5301, int peerPort2 = 5302) => NodeSettings.Parse(
        $"""
        gossipdb.node.id = {id}
        gossipdb.node.data-dir = "data"
        gossipdb.node.peer-port = {(id == 1 ? peerPort1 : peerPort2)}
        gossipdb.cluster.nodes = ["1 127.0.0.1:{peerPort1} http://127.0.0.1:5101", "2 127.0.0.1:{peerPort2} http://127.0.0.1:5102"]
        gossipdb.cluster.partitions = 4
        {more}
        """,
        "node.conf");

    /// <summary>The layout that the settings configure.</summary>
    public static Layout LayoutOf(NodeSettings settings) =>
        Layout.Found(settings.Partitions, settings.Replication, [.. settings.Nodes.Keys.Select(static node => new Member(node))]);
}

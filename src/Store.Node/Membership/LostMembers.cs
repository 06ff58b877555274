using Akka.Cluster;
using Gossipdb.Node.Links;
using Gossipdb.Node.Partitions;

namespace Gossipdb.Node.Membership;

/// <summary>
/// Nodes that nobody listens to any more, declared lost or removed with nothing left to hand over, as members of the Akka cluster: it takes
/// up no new member while one is out of reach that was not given up, and a removed node that has stopped would stay one for ever.
/// </summary>
internal static class LostMembers
{
    /// <summary>Gives up those that are out of reach.</summary>
    public static void Down(Cluster cluster, PartitionDirectory partitions, AddressBook addresses)
    {
        foreach (var member in cluster.State.Unreachable)
        {
            if (member.Status == MemberStatus.Down || member.Address is not { Host: { } host, Port: { } port }) continue;
            var nodes = addresses.NodesAt(host, port).ToArray();
            if (nodes.Length > 0 && nodes.All(node => ListedNodes.WhyNot(partitions, addresses, node) is not null))
                cluster.Down(member.Address);
        }
    }
}

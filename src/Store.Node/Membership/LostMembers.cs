using Akka.Actor;
using Akka.Cluster;
using Gossipdb.Node.Configuration;

namespace Gossipdb.Node.Membership;

/// <summary>Nodes that were declared lost, as members of the Akka cluster: it takes up no new member while one is out of reach that was not given up.</summary>
internal static class LostMembers
{
    /// <summary>Gives up those that are out of reach.</summary>
    public static void Down(Cluster cluster, NodeContext node)
    {
        foreach (var lost in node.Layout.Lost)
        {
            if (node.AddressOf(lost.Node) is not { } known) continue;
            var address = Address.Parse(AkkaConfiguration.AddressOf(node.Settings, known));
            foreach (var member in cluster.State.Unreachable)
                if (member.Address == address && member.Status != MemberStatus.Down) cluster.Down(address);
        }
    }
}

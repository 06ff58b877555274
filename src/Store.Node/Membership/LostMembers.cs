using Akka.Actor;
using Akka.Cluster;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Links;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Membership;

/// <summary>
/// Nodes that were declared lost, as members of the Akka cluster: it takes up no new member while one is out of reach that was not given
/// up.
/// </summary>
internal static class LostMembers
{
    /// <summary>Gives up those that are out of reach.</summary>
    public static void Down(Cluster cluster, NodeSettings settings, Layout layout, AddressBook addresses)
    {
        foreach (var lost in layout.Lost)
        {
            if (addresses.Find(lost.Node) is not { } known) continue;
            var address = Address.Parse(AkkaConfiguration.AddressOf(settings, known));
            foreach (var member in cluster.State.Unreachable)
                if (member.Address == address && member.Status != MemberStatus.Down) cluster.Down(address);
        }
    }
}

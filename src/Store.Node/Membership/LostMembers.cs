using Akka.Cluster;
using Gossipdb.Node.Security;

namespace Gossipdb.Node.Membership;

/// <summary>
/// Nodes that nobody listens to any more, declared lost or removed with nothing left to hand over, as members of the Akka cluster: it takes
/// up no new member while one is out of reach that was not given up, and a removed node that has stopped would stay one for ever.
/// </summary>
internal static class LostMembers
{
    /// <summary>Gives up those that are out of reach.</summary>
    public static void Down(Cluster cluster, PeerRoll roll)
    {
        foreach (var member in cluster.State.Unreachable)
        {
            if (member.Status == MemberStatus.Down || member.Address is not { Host: { } host, Port: { } port }) continue;
            var nodes = roll.NodesAt(host, port).ToArray();
            if (nodes.Length > 0 && nodes.All(node => roll.WhyNot(node) is not null)) cluster.Down(member.Address);
        }
    }
}

using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Links;

/// <summary>What a link knows of the node at its other end; it tells whenever something of that changes.</summary>
/// <param name="Node">The node.</param>
/// <param name="Reachable">Whether both ends hear each other.</param>
/// <param name="IsMember">Whether the node is a member of the Akka cluster.</param>
/// <param name="TakesWrites">Whether its journal takes writes.</param>
internal sealed record LinkState(NodeId Node, bool Reachable, bool IsMember, bool TakesWrites = true);

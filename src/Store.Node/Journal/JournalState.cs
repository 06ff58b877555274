using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Journal;

/// <summary>A node's journal takes writes again, or none any more; this node's own among them.</summary>
internal sealed record JournalState(NodeId Node, bool TakesWrites);

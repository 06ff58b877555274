namespace Gossipdb.Replication.Placement;

/// <summary>
/// A node that an operator has declared lost for good. Nobody listens to it any more, and its number is never used again.
/// </summary>
/// <param name="Node">The node.</param>
/// <param name="AcceptsLoss">
/// True where its slots may be taken though fewer than a majority of N, all of other slots, is left. What a majority had acked may be lost
/// then.
/// </param>
public readonly record struct LostNode(NodeId Node, bool AcceptsLoss);

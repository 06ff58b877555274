using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Security;

/// <summary>Who is at the other end of a connection, as its certificate says and its authority has signed: a node, or a user.</summary>
/// <param name="Node">The node; null where it is none.</param>
/// <param name="User">The user; null where it is a node, and where the certificate names nobody.</param>
internal sealed record PeerIdentity(NodeId? Node, string? User);

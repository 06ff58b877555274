namespace Gossipdb.Replication.Placement;

/// <summary>A node that a layout names.</summary>
/// <param name="Id">The node.</param>
/// <param name="PeerHost">Where the other nodes reach it.</param>
/// <param name="PeerPort">The port there.</param>
/// <param name="ClientEndpoint">Where clients reach it.</param>
/// <param name="Capacity">How much it is to hold, in proportion to the others. With 0 it holds nothing.</param>
/// <param name="Zone">What it fails together with: a rack, or a data centre. The owners of a partition are spread over zones.</param>
public sealed record Member(
    NodeId Id, string PeerHost = "", int PeerPort = 0, string ClientEndpoint = "", int Capacity = 1, string Zone = "");

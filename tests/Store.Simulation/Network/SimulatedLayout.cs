using Gossipdb.Replication.Placement;

namespace Gossipdb.Simulation.Network;

/// <summary>Who should hold the slots, as told to the nodes.</summary>
public sealed record SimulatedLayout(long Version, NodeId[] Owners, LostNode[] Lost);

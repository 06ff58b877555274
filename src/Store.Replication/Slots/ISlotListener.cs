using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Slots;

/// <summary>Is told when slots change hands.</summary>
internal interface ISlotListener
{
    /// <summary>Another node holds a slot. What was known of the old holder counts no longer.</summary>
    void HolderChanged(int slot);

    /// <summary>This node has lost its slot, or has given it up. Requests that wait here are refused.</summary>
    void SlotGivenUp();

    /// <summary>A node is lost for good; perhaps this one.</summary>
    void NodeLost(NodeId node);
}

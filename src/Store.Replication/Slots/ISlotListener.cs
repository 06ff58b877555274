using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Slots;

/// <summary>Who has to know when slots change hands.</summary>
internal interface ISlotListener
{
    /// <summary>Another node holds a slot: what was known of the old holder does not count any more.</summary>
    void HolderChanged(int slot);

    /// <summary>This node has lost its slot, or given it up: who waits here is refused.</summary>
    void SlotGivenUp();

    /// <summary>A node is lost for good; perhaps this one.</summary>
    void NodeLost(NodeId node);
}

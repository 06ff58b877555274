using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.State;

/// <summary>
/// What is to be done once a record is on disk. It is a value with a name, so what waits for the disk can be looked at and printed.
/// </summary>
internal abstract record JournalContinuation;

/// <summary>The table of the slots' holders is on disk. It may be told. The others here say so too.</summary>
internal sealed record TableIsDurable : JournalContinuation;

/// <summary>This node has given up its slot. The end of its successor's image may leave.</summary>
internal sealed record SealIsDurable : JournalContinuation;

/// <summary>A slot is promised to a newcomer. The newcomer may be told.</summary>
/// <param name="Promised">The slot, and its epoch to be.</param>
/// <param name="To">The newcomer.</param>
internal sealed record PromiseIsDurable(SlotClaim Promised, NodeId To) : JournalContinuation;

/// <summary>This node has taken up a slot. It counts for the slot from now on.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Held">The epoch from which it holds the slot, and from whom.</param>
/// <param name="From">The node that the state came from. It is this node where the state was here already.</param>
internal sealed record TakeUpIsDurable(int Slot, SlotHolder Held, NodeId From) : JournalContinuation;

/// <summary>A slot that was sealed for this node goes back to the node that sealed it. That node may be told.</summary>
/// <param name="Sealer">That node.</param>
internal sealed record ReturnIsDurable(NodeId Sealer) : JournalContinuation;

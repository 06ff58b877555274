using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.State;

/// <summary>
/// What is to be done once a record is on disk. A value with a name, so that what waits for the disk can be looked at and printed.
/// </summary>
internal abstract record JournalContinuation;

/// <summary>This node has given up its slot: what ends the image for its successor may leave.</summary>
internal sealed record SealIsDurable : JournalContinuation;

/// <summary>A slot is promised to a newcomer: it may be told.</summary>
/// <param name="Promised">The slot, and its epoch to be.</param>
/// <param name="To">The newcomer.</param>
internal sealed record PromiseIsDurable(SlotClaim Promised, NodeId To) : JournalContinuation;

/// <summary>This node has taken up a slot: it counts for it from now on.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Held">Since when, and from whom.</param>
/// <param name="From">The node that the state came from; this one where it was here already.</param>
internal sealed record TakeUpIsDurable(int Slot, SlotHolder Held, NodeId From) : JournalContinuation;

/// <summary>A slot that was sealed for this node goes back to who sealed it: that node may be told.</summary>
/// <param name="Sealer">That node.</param>
internal sealed record ReturnIsDurable(NodeId Sealer) : JournalContinuation;

using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Coordination;

/// <summary>The nodes that have acked a write.</summary>
/// <param name="Slots">The owners, as bits of slots.</param>
/// <param name="Fallbacks">The fallback nodes, as bits of places. <see cref="IQuorumView.NodesOf"/> turns them into nodes.</param>
internal readonly record struct Acks(ulong Slots, ulong Fallbacks)
{
    /// <summary>How many.</summary>
    public int Count => System.Numerics.BitOperations.PopCount(Slots) + System.Numerics.BitOperations.PopCount(Fallbacks);
}

/// <summary>
/// The nodes whose acks and answers count towards a <see cref="Coordinator"/>'s requests. <see cref="OwnerQuorum"/>: the owners, and the
/// fallback nodes of absent ones. <see cref="FallbackQuorum"/>: the fallback nodes alone, where no owner is within reach.
/// </summary>
internal interface IQuorumView
{
    /// <summary>The coordinator's own slot, as a bit; 0 where it is no owner.</summary>
    ulong OwnSlot { get; }

    /// <summary>The coordinator's own node where it is a fallback node; else null.</summary>
    NodeId? OwnFallback { get; }

    /// <summary>How many nodes count towards a request, with the coordinator.</summary>
    int AvailableTo(ClientRequest request);

    /// <summary>
    /// A node that is within reach and does not count towards a request, and why, in words for people. Null where there is none.
    /// </summary>
    string? NotCounted(ClientRequest request);

    /// <summary>How many nodes the answer reports as within reach.</summary>
    int ReachableFor(ClientRequest request);

    /// <summary>
    /// The nodes that have acked a write. An ack counts only where the clock that the write's durability asks for covers the write (rule
    /// 3).
    /// </summary>
    Acks AcksOf(WriteRequest request, Dot dot);

    /// <summary>The nodes at these places; null where there are none.</summary>
    NodeId[]? NodesOf(ulong places);

    /// <summary>A write is about to be executed. Fallback nodes that may have to hold it for absent owners get ready.</summary>
    void WriteBegins(WriteRequest request);

    /// <summary>Asks the others for their clocks. A write that another coordinator has executed waits for its acks.</summary>
    void AskForAcks();

    /// <summary>Asks other nodes what they know of what a read wants.</summary>
    /// <param name="read">The read. It notes whom it has asked.</param>
    /// <param name="howMany">How many more answers are wanted.</param>
    /// <param name="silent">The slots of owners that have just left a question unanswered: they are asked last.</param>
    /// <param name="nowMs">Now.</param>
    void Ask(PendingRead read, int howMany, ulong silent, long nowMs);
}

using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Coordination;

/// <summary>Who has acked a write.</summary>
/// <param name="Slots">The owners, as bits of slots.</param>
/// <param name="Fallbacks">The fallback nodes, as bits of places that <see cref="IQuorumView.NodesOf"/> understands.</param>
internal readonly record struct Acks(ulong Slots, ulong Fallbacks)
{
    /// <summary>How many.</summary>
    public int Count => System.Numerics.BitOperations.PopCount(Slots) + System.Numerics.BitOperations.PopCount(Fallbacks);
}

/// <summary>
/// Whose acks and answers count towards a <see cref="Coordinator"/>'s requests: the owners and the fallback nodes of absent ones
/// (<see cref="OwnerQuorum"/>); or, where no owner is within reach, the fallback nodes alone (<see cref="FallbackQuorum"/>).
/// </summary>
internal interface IQuorumView
{

    /// <summary>The coordinator itself among the owners, as a bit; none where it is no owner.</summary>
    ulong OwnSlot { get; }

    /// <summary>The coordinator itself where it is a fallback node.</summary>
    NodeId? OwnFallback { get; }

    /// <summary>How many nodes count towards a request, the coordinator included.</summary>
    int AvailableTo(ClientRequest request);

    /// <summary>Who is within reach and does not count towards a request, in words for people; null where nobody is.</summary>
    string? NotCounted(ClientRequest request);

    /// <summary>How many nodes an answer says were within reach.</summary>
    int ReachableFor(ClientRequest request);

    /// <summary>
    /// Who has acked a write, as it asks for. An ack counts only where the clock of the durability asked for covers the write (rule 3).
    /// </summary>
    Acks AcksOf(WriteRequest request, Dot dot);

    /// <summary>The nodes behind bits of places; null where there are none.</summary>
    NodeId[]? NodesOf(ulong fallbacks);

    /// <summary>A write is about to be executed: whoever may have to hold it for absent owners is to be ready.</summary>
    void WriteBegins(WriteRequest request);

    /// <summary>A write that another coordinator has executed waits for the acks it got: asks for them.</summary>
    void AskForAcks();

    /// <summary>Asks others what they know of what a read wants.</summary>
    /// <param name="read">The read; who is asked is noted in it.</param>
    /// <param name="howMany">How many more answers are wanted.</param>
    void Ask(PendingRead read, int howMany);
}

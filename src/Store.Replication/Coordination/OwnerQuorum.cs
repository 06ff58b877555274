using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.AntiEntropy;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Coordination;

/// <summary>
/// An owner's quorum: the owners within reach. In a sloppy request as many fallback nodes count as owners are absent (DeCandia et al.,
/// "Dynamo", 2007, section 4.6).
/// </summary>
internal sealed class OwnerQuorum(
    PartitionState state, PeerKnowledge peers, FallbackKnowledge fallbacks, HintSender hints, ClockExchange exchange,
    IReplicaEffects effects) : IQuorumView
{
    // What was applied when a question was last put. Questions between which nothing was applied tell the same clock, which nobody changes.
    private VersionVector _told = new();

    /// <inheritdoc/>
    public ulong OwnSlot => peers.OwnBit;

    /// <inheritdoc/>
    public NodeId? OwnFallback => null;

    /// <summary>
    /// To a write an owner is absent where it is behind by more than its causal buffer takes (hard case 13). It acks nothing until it has
    /// caught up, which may take minutes. So the write is refused, rather than applied and left in doubt. An owner whose journal takes no
    /// writes is absent too.
    /// </summary>
    public int AvailableTo(ClientRequest request)
    {
        var present = request is WriteRequest ? peers.CountingForWrites : peers.ReachableCount;
        return request.Sloppy ? present + Math.Min(peers.Slots.Length - present, fallbacks.AvailableCount) : present;
    }

    /// <inheritdoc/>
    public string? NotCounted(ClientRequest request)
    {
        if (request is not WriteRequest) return null;
        foreach (var slot in peers.Slots)
        {
            if (slot is { Reachable: true, CountsForWrites: false })
                return slot.TakesWrites
                    ? $"node {slot.Node} is back and has yet to catch up"
                    : $"the journal of node {slot.Node} takes no writes";
        }

        return null;
    }

    /// <inheritdoc/>
    public int ReachableFor(ClientRequest request) => peers.ReachableCount;

    /// <summary>
    /// A fallback node's ack means "held durably for the owner", whatever the durability asked for. It counts only beside the ack of some
    /// owner. So an answer always names who made the write.
    /// </summary>
    public Acks AcksOf(WriteRequest request, Dot dot)
    {
        ulong acked = 0;
        for (var i = 0; i < peers.Slots.Length; i++)
        {
            var slot = peers.Slots[i];
            var isOwn = i == peers.OwnSlot;
            var has = request.Durability == Durability.Memory
                ? (isOwn ? state.Applied.Contains(dot) : slot.Applied.Contains(dot))
                : (isOwn ? state.Durable.Contains(dot) : slot.Durable.Contains(dot));
            if (has) acked |= 1UL << i;
        }

        return new Acks(acked, request.Sloppy && acked != 0 ? fallbacks.HoldersOf(dot, acked) : 0);
    }

    /// <inheritdoc/>
    public NodeId[]? NodesOf(ulong places) => fallbacks.NodesOf(places);

    /// <inheritdoc/>
    public void WriteBegins(WriteRequest request)
    {
        if (request.Sloppy) hints.Want();
    }

    /// <inheritdoc/>
    public void AskForAcks() => exchange.TellAll();

    /// <inheritdoc/>
    public void Ask(PendingRead read, int howMany, ulong silent, long nowMs)
    {
        var keys = read.Request.Scan is not null ? [] : read.Request.Keys ?? [read.Request.Key];
        if (!_told.Equals(state.Applied)) _told = state.Applied.Copy();
        var question = new ReadQueryMessage(state.Id, read.Id, keys, _told);
        howMany = AskOwners(read, question, howMany, ~silent, nowMs);
        howMany = AskOwners(read, question, howMany, silent, nowMs);
        if (read.Request.Sloppy && howMany > 0) AskFallbacks(read, question, howMany);
    }

    // Asks owners at some of the slots, and returns how many answers are still wanted.
    private int AskOwners(PendingRead read, ReadQueryMessage question, int howMany, ulong slots, long nowMs)
    {
        for (; howMany > 0 && FirstToAsk(slots & ~read.Asked, nowMs) is { } slot; howMany--)
        {
            read.Asked |= 1UL << slot.Index;
            effects.Send(slot.Node, question);
        }

        return howMany;
    }

    // All partitions of a node prefer the same owner within one millisecond. So what they ask at a time leaves in few messages, and what
    // they are told comes back in few. Each millisecond it is another one, so no owner carries every read.
    private PeerKnowledge.Slot? FirstToAsk(ulong slots, long nowMs)
    {
        PeerKnowledge.Slot? first = null;
        uint lowest = 0;
        foreach (var slot in peers.Slots)
        {
            if (!slot.Reachable || (slots & (1UL << slot.Index)) == 0) continue;
            var rank = Rank(slot.Node, nowMs);
            if (first is null || rank < lowest) (first, lowest) = (slot, rank);
        }

        return first;
    }

    // The finalizer of MurmurHash3: nodes with neighbouring numbers come first equally often.
    private static uint Rank(NodeId node, long nowMs)
    {
        var mixed = (uint)node.Value ^ ((uint)nowMs * 0x9E3779B1);
        mixed = (mixed ^ (mixed >> 16)) * 0x85EBCA6B;
        mixed = (mixed ^ (mixed >> 13)) * 0xC2B2AE35;
        return mixed ^ (mixed >> 16);
    }

    // Asks one fallback node for each owner that is out of reach.
    private void AskFallbacks(PendingRead read, ReadQueryMessage question, int howMany)
    {
        var mayAsk = peers.Slots.Length - peers.ReachableCount - (read.FallbacksAsked?.Count ?? 0) - (read.FallbacksAnswered?.Count ?? 0);
        foreach (var entry in fallbacks.Entries)
        {
            if (howMany <= 0 || mayAsk <= 0) return;
            if (!entry.Reachable
                || read.FallbacksAsked?.Contains(entry.Node) == true
                || read.FallbacksAnswered?.Contains(entry.Node) == true)
            {
                continue;
            }
            (read.FallbacksAsked ??= []).Add(entry.Node);
            howMany--;
            mayAsk--;
            effects.Send(entry.Node, new FallbackMessage(state.Id, IsForFallback: true, question));
        }
    }
}

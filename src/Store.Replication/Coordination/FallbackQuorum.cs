using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Handoff;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Coordination;

/// <summary>
/// The quorum where no owner is within reach: the fallback nodes within reach, and this one. A node whose journal takes no writes holds
/// nothing durably. It counts towards reads only.
/// </summary>
/// <param name="state">This node's state as a coordinator.</param>
/// <param name="self">This node.</param>
/// <param name="hints">What this node holds for the owners.</param>
/// <param name="peers">The other fallback nodes.</param>
/// <param name="refusing">The nodes whose journals take no writes.</param>
internal sealed class FallbackQuorum(FallbackState state, NodeId self, HintLog hints, FallbackPeers peers, IReadOnlySet<NodeId> refusing)
    : IQuorumView
{
    /// <inheritdoc/>
    public ulong OwnSlot => 0;

    /// <inheritdoc/>
    public NodeId? OwnFallback => self;

    /// <inheritdoc/>
    public int AvailableTo(ClientRequest request)
    {
        if (!state.MayCoordinate) return 0;
        var isWrite = request is WriteRequest;
        var available = isWrite && refusing.Contains(self) ? 0 : 1;
        foreach (var peer in peers.Near)
            if (!isWrite || !refusing.Contains(peer)) available++;
        return Math.Min(available, hints.OwnerCount);
    }

    /// <inheritdoc/>
    public string? NotCounted(ClientRequest request) => null;

    /// <inheritdoc/>
    public int ReachableFor(ClientRequest request) => AvailableTo(request);

    /// <summary>Place 0 is this node. The other fallback nodes follow in their order.</summary>
    public Acks AcksOf(WriteRequest request, Dot dot)
    {
        var own = request.Durability == Durability.Memory || hints.Durable.Contains(dot) ? 1UL : 0;
        return new Acks(0, own | (peers.HoldersOf(dot) << 1));
    }

    /// <inheritdoc/>
    public NodeId[]? NodesOf(ulong places)
    {
        if (places == 0) return null;
        var nodes = new List<NodeId>(System.Numerics.BitOperations.PopCount(places));
        if ((places & 1) != 0) nodes.Add(self);
        for (var left = places >> 1; left != 0; left &= left - 1)
            nodes.Add(peers[System.Numerics.BitOperations.TrailingZeroCount(left)]);
        return [.. nodes];
    }

    /// <inheritdoc/>
    public void WriteBegins(WriteRequest request)
    {
        // A fallback node holds everything that it makes.
    }

    /// <inheritdoc/>
    public void AskForAcks()
    {
        // The other fallback nodes tell what they hold without being asked.
    }

    /// <summary>Asks everybody within reach. There are few of them.</summary>
    public void Ask(PendingRead read, int howMany, ulong silent, long nowMs)
    {
        var question = new ReadQueryMessage(state.Id, read.Id, read.Request.Keys ?? [read.Request.Key], state.Dependencies.Copy());
        foreach (var peer in peers.Near)
        {
            if (read.FallbacksAsked?.Contains(peer) == true || read.FallbacksAnswered?.Contains(peer) == true) continue;
            (read.FallbacksAsked ??= []).Add(peer);
            peers.Say(peer, question);
        }
    }
}

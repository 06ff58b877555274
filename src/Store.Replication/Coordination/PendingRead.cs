using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Coordination;

/// <summary>A read that waits for answers of other nodes.</summary>
internal sealed class PendingRead(ulong id, ReadRequest request, long hedgeAtMs)
{
    /// <summary>Its number among this coordinator's reads.</summary>
    public ulong Id { get; } = id;

    /// <summary>What is wanted.</summary>
    public ReadRequest Request { get; } = request;

    /// <summary>When more nodes are asked, because the first ones are slow.</summary>
    public long HedgeAtMs { get; set; } = hedgeAtMs;

    /// <summary>The owners asked, as bits of slots.</summary>
    public ulong Asked { get; set; }

    /// <summary>The owners that have answered.</summary>
    public ulong Answered { get; set; }

    /// <summary>The fallback nodes that were asked and have not answered. There are few, and rarely any.</summary>
    public List<NodeId>? FallbacksAsked { get; set; }

    /// <summary>The fallback nodes that have answered.</summary>
    public List<NodeId>? FallbacksAnswered { get; set; }

    /// <summary>What owners know beyond this replica, each with the clock and the stable cut of the owner's state.</summary>
    public List<(KeyEntry?[] Entries, VersionVector Clock, StableCut StableCut)>? States { get; set; }

    /// <summary>
    /// What this coordinator's clock must cover before it answers. Others hold changes that are missing here, and did not ship them.
    /// </summary>
    public VersionVector? Lacking { get; set; }

    /// <summary>True once enough have answered.</summary>
    public bool IsComplete => System.Numerics.BitOperations.PopCount(Answered) + (FallbacksAnswered?.Count ?? 0) >= Request.Required;

    /// <summary>Notes that a fallback node has answered.</summary>
    /// <returns>False where it was not asked.</returns>
    public bool TryNoteFallback(NodeId from)
    {
        if (FallbacksAsked?.Remove(from) != true) return false;
        (FallbacksAnswered ??= []).Add(from);
        return true;
    }
}

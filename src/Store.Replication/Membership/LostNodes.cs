using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Membership;

/// <summary>
/// The nodes that an operator has declared lost for good (hard case 2). They stay lost for ever: what such a node says may lie below a
/// stable cut that was decided without it.
/// </summary>
internal sealed class LostNodes(NodeId self)
{
    /// <summary>Why a node that is itself lost does nothing, in words for people.</summary>
    public const string SelfLostBecause =
        "this node was declared lost: others have taken its place, and it has to be set up anew under another number";

    private readonly List<LostNode> _all = [];

    /// <summary>How many there are.</summary>
    public int Count => _all.Count;

    /// <summary>True where this node is lost. It serves nobody, and nobody listens to it.</summary>
    public bool IsSelfLost { get; private set; }

    /// <summary>True where a node is lost.</summary>
    public bool Contains(NodeId node)
    {
        for (var i = 0; i < _all.Count; i++)
            if (_all[i].Node == node) return true;
        return false;
    }

    /// <summary>Adds a node, or notes that the loss of what it had is accepted by now.</summary>
    /// <returns>True where it was not lost before.</returns>
    public bool Add(LostNode lost)
    {
        for (var i = 0; i < _all.Count; i++)
        {
            if (_all[i].Node != lost.Node) continue;
            if (lost.AcceptsLoss) _all[i] = lost;
            return false;
        }

        _all.Add(lost);
        IsSelfLost |= lost.Node == self;
        return true;
    }

    /// <summary>
    /// The lost node because of which a slot can only be taken by force. Null where the slot's holder, or the node that has sealed it, can
    /// hand it over.
    /// </summary>
    public NodeId? LostHolderOf(SlotHolder holder)
    {
        if (holder.Epoch == 0) return null;
        if (Contains(holder.Node)) return holder.Node;
        return !holder.IsHeld && Contains(holder.From) ? holder.From : null;
    }

    /// <summary>True where a slot's holder is lost, and the loss of what it alone had is accepted.</summary>
    public bool IsLossAccepted(SlotHolder holder) =>
        LostHolderOf(holder) is { } lost && _all.Contains(new LostNode(lost, AcceptsLoss: true));
}

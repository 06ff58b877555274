using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Slots;

/// <summary>The promises given to a newcomer for one slot at one epoch, by the slots of the nodes that gave them.</summary>
/// <param name="slots">N.</param>
internal sealed class Promises(int slots)
{
    private readonly ReplicaId[] _senders = new ReplicaId[slots];

    // What each promiser had applied when it first answered. It must be covered, because it contains all that the promiser acked before.
    // The latest clock tells which promiser to take an image of.
    private readonly VersionVector?[] _needed = new VersionVector?[slots];
    private readonly VersionVector?[] _latest = new VersionVector?[slots];

    /// <summary>The slot that is wanted, with the epoch it is to have.</summary>
    public SlotClaim Wanted { get; private set; } = SlotClaim.None;

    /// <summary>How many have promised.</summary>
    public int Count { get; private set; }

    /// <summary>Turns to a slot and an epoch. Promises for another one are void.</summary>
    public void Want(SlotClaim wanted)
    {
        if (wanted == Wanted) return;
        Wanted = wanted;
        Count = 0;
        Array.Clear(_senders);
        Array.Clear(_needed);
        Array.Clear(_latest);
    }

    /// <summary>
    /// Takes a promise. A later promise of the same incarnation tells how much it has applied since. A promise of another incarnation
    /// replaces the earlier one's.
    /// </summary>
    public void Take(int slot, ReplicaId sender, VersionVector clock)
    {
        if (_needed[slot] is null) Count++;
        if (_needed[slot] is null || _senders[slot] != sender) _needed[slot] = clock;
        _senders[slot] = sender;
        _latest[slot] = clock;
    }

    /// <summary>A slot was taken by force. The node that held it is gone, and its promise is its successor's to give.</summary>
    public void Forget(int slot)
    {
        if (_needed[slot] is null) return;
        Count--;
        _needed[slot] = _latest[slot] = null;
    }

    /// <summary>True where the holder of a slot has promised.</summary>
    public bool Has(int slot) => _needed[slot] is not null;

    /// <summary>True where a clock covers all that the promisers had when they promised.</summary>
    public bool AreCoveredBy(ClockView clock)
    {
        foreach (var needed in _needed)
            if (needed is not null && !clock.Covers(needed)) return false;
        return true;
    }

    /// <summary>True where the holder of a slot has promised, and by now has all that is needed.</summary>
    public bool HasAllNeeded(int slot) => _latest[slot] is { } latest && AreCoveredBy(latest);
}

using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Slots;

/// <summary>The promises a newcomer has been given for one slot at one epoch, by the slots of those who gave them.</summary>
/// <param name="slots">N.</param>
internal sealed class Promises(int slots)
{
    private readonly ReplicaId[] _senders = new ReplicaId[slots];

    // What a promiser had applied when it first answered has to be covered: all it acked before it promised is in it. What it has by now
    // tells whom to take an image of.
    private readonly VersionVector?[] _needed = new VersionVector?[slots];
    private readonly VersionVector?[] _latest = new VersionVector?[slots];

    /// <summary>The slot that is wanted, and its epoch to be.</summary>
    public SlotClaim Wanted { get; private set; } = SlotClaim.None;

    /// <summary>How many have promised.</summary>
    public int Count { get; private set; }

    /// <summary>Turns to a slot and epoch. What was promised for another one is void.</summary>
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
    /// Takes a promise. A later one of the same incarnation tells how far it has come since; one of another incarnation takes the place
    /// of what the earlier one said.
    /// </summary>
    public void Take(int slot, ReplicaId sender, VersionVector clock)
    {
        if (_needed[slot] is null) Count++;
        if (_needed[slot] is null || _senders[slot] != sender) _needed[slot] = clock;
        _senders[slot] = sender;
        _latest[slot] = clock;
    }

    /// <summary>A slot was taken by force: who held it is not there any more, and what it promised is its successor's to promise.</summary>
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

    /// <summary>True where the holder of a slot has promised and has, by now, all that is needed.</summary>
    public bool HasAllNeeded(int slot) => _latest[slot] is { } latest && AreCoveredBy(latest);
}

using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Membership;

/// <summary>
/// What previous incarnations of this node may have made, and lost before it was on this node's disk. It may live on at another owner. It
/// has not seen what this incarnation has. So no stable cut may be decided by this incarnation's clocks before all of it is known (hard
/// case 3).
/// <para>An owner that has heard this incarnation takes nothing of earlier ones any more. So all is known once every owner has answered a
/// clock exchange of this incarnation, and what each had applied then is applied here.</para>
/// </summary>
internal sealed class PreviousIncarnations(PeerKnowledge peers, ClockView applied, SalvagedEvents salvaged)
{
    private const long ExchangeEveryMs = 200;
    private readonly (ReplicaId By, VersionVector? Had)[] _answers = new (ReplicaId, VersionVector?)[peers.Slots.Length];

    // The slots, as bits, whose answers are not here or not applied yet.
    private ulong _unknown;
    private long _nextExchangeMs;

    /// <summary>The journal has been read. There may have been an incarnation before this one.</summary>
    public void Begin() => _unknown = peers.Slots.Length == 64 ? ulong.MaxValue : (1UL << peers.Slots.Length) - 1;

    /// <summary>Takes what an owner tells.</summary>
    public void Hear(int slot, ClocksMessage clocks)
    {
        if (clocks.Remembered is not null && HasToHear(slot)) _answers[slot] = (clocks.Sender, clocks.Applied);
    }

    /// <summary>True once all that is left of previous incarnations is applied here.</summary>
    public bool AreKnown() => AreHeard() && salvaged.Count == 0;

    /// <summary>True once every owner has answered, and what each had then is applied here.</summary>
    public bool AreHeard()
    {
        if (_unknown == 0) return true;
        for (var i = 0; i < _answers.Length; i++)
        {
            if (i == peers.OwnSlot || (IsAnswered(i) && applied.Covers(_answers[i].Had!))) _unknown &= ~(1UL << i);
        }

        return _unknown == 0;
    }

    /// <summary>True where it is time to ask the owners, or to ask them again.</summary>
    public bool IsExchangeDue(long nowMs)
    {
        if (nowMs < _nextExchangeMs || AreHeard()) return false;
        _nextExchangeMs = nowMs + ExchangeEveryMs;
        return true;
    }

    /// <summary>True where an owner has yet to answer.</summary>
    public bool HasToHear(int slot) => (_unknown & (1UL << slot)) != 0 && !IsAnswered(slot);

    // If the answering incarnation has ended, what it had may be lost. The next one tells what is left.
    private bool IsAnswered(int slot) => _answers[slot].Had is not null && _answers[slot].By == peers.Slots[slot].Replica;
}

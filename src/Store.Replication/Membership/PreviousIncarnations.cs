using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Membership;

/// <summary>
/// What an earlier life of this node made, and lost before it was on its disk, may live on at another owner. It has not seen what this
/// life has, so no stable cut may be decided on this life's clocks before it is known (hard case 3). An owner that has heard this life
/// takes nothing any more from the ones before. So once every owner has answered a hello of this life, and what each had then is applied
/// here, all is known.
/// </summary>
internal sealed class PreviousIncarnations(PeerKnowledge peers, ClockView applied)
{
    private const long ExchangeEveryMs = 200;
    private readonly (ReplicaId By, VersionVector? Had)[] _answers = new (ReplicaId, VersionVector?)[peers.Slots.Length];

    // Bits of slots: whose answer is not here, or not applied yet.
    private ulong _unknown;
    private long _nextExchangeMs;

    /// <summary>The journal has been read: there may have been a life before this one.</summary>
    public void Begin() => _unknown = peers.Slots.Length == 64 ? ulong.MaxValue : (1UL << peers.Slots.Length) - 1;

    /// <summary>Takes what an owner tells.</summary>
    public void Hear(int slot, ClocksMessage clocks)
    {
        if (clocks.Remembered is not null && HasToHear(slot)) _answers[slot] = (clocks.Sender, clocks.Applied);
    }

    /// <summary>True once nothing of an earlier life is left that is not applied here.</summary>
    public bool AreKnown()
    {
        if (_unknown == 0) return true;
        for (var i = 0; i < _answers.Length; i++)
        {
            if (i == peers.OwnSlot || (IsAnswered(i) && applied.Covers(_answers[i].Had!))) _unknown &= ~(1UL << i);
        }

        return _unknown == 0;
    }

    /// <summary>True where it is time to ask the owners (again).</summary>
    public bool IsExchangeDue(long nowMs)
    {
        if (nowMs < _nextExchangeMs || AreKnown()) return false;
        _nextExchangeMs = nowMs + ExchangeEveryMs;
        return true;
    }

    /// <summary>True where an owner has yet to answer.</summary>
    public bool HasToHear(int slot) => (_unknown & (1UL << slot)) != 0 && !IsAnswered(slot);

    // What a life that has ended meanwhile had may be lost: the next one tells what is left.
    private bool IsAnswered(int slot) => _answers[slot].Had is not null && _answers[slot].By == peers.Slots[slot].Replica;
}

using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Tests.Harness;

/// <summary>What the slots say about images, as the test wants it. Keeps what they are told.</summary>
internal sealed class StubImagePolicy : IImagePolicy
{
    public bool MaySendSealedEnd { get; set; }

    public bool IsTakingUp { get; set; }

    public bool Gives { get; set; } = true;

    public bool Seals { get; set; } = true;

    public bool TakesUp { get; set; } = true;

    public List<SlotClaim> Sealed { get; } = [];

    public List<SlotClaim> TakenUp { get; } = [];

    public List<NodeId> Told { get; } = [];

    public int HoldersAppended { get; private set; }

    public void AppendHoldersAgain() => HoldersAppended++;

    public bool MayGive(NodeId to, SlotClaim seal, out bool isToBeSealed)
    {
        isToBeSealed = seal.Slot >= 0;
        return Gives;
    }

    public bool TrySeal(NodeId to, SlotClaim seal)
    {
        if (Seals) Sealed.Add(seal);
        return Seals;
    }

    public void TellHolders(NodeId to) => Told.Add(to);

    public void TakeHolders(SlotHolder[] table, long nowMs)
    {
    }

    public bool MayTakeUp(SlotClaim claim, ClockView clock) => TakesUp;

    public void TakeUp(SlotClaim claim, NodeId from) => TakenUp.Add(claim);
}

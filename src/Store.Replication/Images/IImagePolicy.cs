using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Images;

/// <summary>
/// Which images may leave, and what becomes of a slot that comes or goes with one. The slots' own rules; the transfer of images asks them.
/// </summary>
internal interface IImagePolicy
{
    /// <summary>False while the end of an image that seals a slot must not leave yet.</summary>
    bool MaySendSealedEnd { get; }

    /// <summary>
    /// True where a peer may take an image: any from who serves, a sealing one from the holder whose layout agrees, and again from who
    /// has sealed for it.
    /// </summary>
    /// <param name="to">The peer.</param>
    /// <param name="seal">The slot that is to come with it, or none.</param>
    /// <param name="isToBeSealed">Whether this replica is to give up its slot in the turn that ends the image.</param>
    bool MayGive(NodeId to, SlotClaim seal, out bool isToBeSealed);

    /// <summary>
    /// Gives up the own slot, in the turn that ends an image: what is in the image is all this replica will ever have made or acked as
    /// its holder.
    /// </summary>
    /// <returns>False where it may not any more: the image is to end here.</returns>
    bool TrySeal(NodeId to, SlotClaim seal, long nowMs);

    /// <summary>Tells a peer whose request is refused who holds the slots.</summary>
    void TellHolders(NodeId to);

    /// <summary>Takes up who holds the slots, as an image brings it.</summary>
    void TakeHolders(SlotHolder[] table, long nowMs);

    /// <summary>True where a slot may be taken up whose image ends at a clock: by hand-over always.</summary>
    bool MayTakeUp(SlotClaim claim, ClockView clock);

    /// <summary>Takes up a slot whose image has just been joined: once that is on disk.</summary>
    void TakeUp(SlotClaim claim, NodeId from);
}

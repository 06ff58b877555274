using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Replication.Images;

/// <summary>
/// Says which images may leave, and what becomes of a slot that comes or goes with one. Slots have rules of their own, and the transfer of
/// images asks them.
/// </summary>
internal interface IImagePolicy
{
    /// <summary>False while the end of an image that seals a slot must not leave yet.</summary>
    bool MaySendSealedEnd { get; }

    /// <summary>True while a slot is being taken up: its image is joined, and that is not on disk yet.</summary>
    bool IsTakingUp { get; }

    /// <summary>Journals the holders of the slots again, where the journal holds them. What lies before a snapshot goes.</summary>
    void AppendHoldersAgain();

    /// <summary>
    /// True where a peer may take an image. A replica that serves gives any image that seals nothing. A holder gives a sealing one where
    /// its layout agrees. A node that has sealed its slot for a peer gives it to that peer again.
    /// </summary>
    /// <param name="to">The peer.</param>
    /// <param name="seal">The slot that is to come with the image, or none.</param>
    /// <param name="isToBeSealed">Whether this replica is to seal its slot in the turn that ends the image.</param>
    bool MayGive(NodeId to, SlotClaim seal, out bool isToBeSealed);

    /// <summary>
    /// Seals this node's slot, in the turn that ends an image. All that this replica will ever have made or acked as the slot's holder is
    /// in the image.
    /// </summary>
    /// <returns>False where it may not any more. The image is to end there.</returns>
    bool TrySeal(NodeId to, SlotClaim seal);

    /// <summary>Tells a peer whose request is refused the holders of the slots.</summary>
    void TellHolders(NodeId to);

    /// <summary>Takes up the holders of the slots that an image brings.</summary>
    void TakeHolders(SlotHolder[] table, long nowMs);

    /// <summary>True where a slot may be taken up with an image that ends at this clock. By hand-over it always may.</summary>
    bool MayTakeUp(SlotClaim claim, ClockView clock);

    /// <summary>Takes up a slot whose image has just been joined. It counts once that is on disk.</summary>
    void TakeUp(SlotClaim claim, NodeId from);
}

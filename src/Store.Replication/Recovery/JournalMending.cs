using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Events;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Recovery;

/// <summary>
/// Ends what damage to the journal began. Once the replica serves again, the events that were left over are applied, and the journal is
/// replaced by a snapshot. Until that is on the disk the next start would find the damage again.
/// </summary>
internal sealed class JournalMending(
    PartitionState state, PeerKnowledge peers, RejoinGate gate, PreviousIncarnations previous, Replicator replicator, ImageTransfer images,
    SnapshotWriter snapshot, JournalRecovery recovery)
{
    private bool _isWriting;
    private int _writtenBefore;

    /// <summary>What of the journal is damaged, in words for people; null where nothing is, or it is replaced.</summary>
    public string? Damage =>
        gate.Damage ?? (gate.SnapshotWanted ? "what was damaged has been mended, and the journal is written anew" : null);

    /// <summary>Where the next record would be taken back, one is damaged or missing.</summary>
    /// <param name="what">What is damaged, in words for people.</param>
    public void TakeDamage(string what) => recovery.TakeDamage(what);

    /// <summary>Makes sure that a journal that was only read has no hole.</summary>
    /// <exception cref="CorruptDataException">It has one.</exception>
    public void CheckRecovered() => recovery.Check();

    /// <summary>An operator accepts the loss of what the journal held and nobody has. The replica serves what is intact.</summary>
    /// <returns>Why that is not done, in words for people; null where it is.</returns>
    public string? AcceptLoss(long nowMs)
    {
        if (gate.Damage is null) return "its journal is not damaged, or has been mended";
        if (gate.State != ServingState.CatchingUp) return gate.Reason;
        recovery.AcceptLoss();
        gate.AcceptLoss(nowMs);
        replicator.ApplySalvaged(areOwnersHeard: true);
        return null;
    }

    /// <summary>An operator asks for the state to be taken anew from another owner.</summary>
    /// <returns>Why that cannot be, in words for people; null where it has begun, or is under way.</returns>
    public string? Rebuild(long nowMs)
    {
        if (gate.Damage is not null || gate.State == ServingState.NeedsImage) return null;
        if (gate.State == ServingState.WithoutSlot) return gate.Reason;
        foreach (var slot in peers.Slots)
        {
            if (slot.Node == peers.Self || !slot.Reachable) continue;
            gate.Rebuild(slot.Node, nowMs);
            return null;
        }

        return "no other owner of the partition is within reach";
    }

    /// <summary>Goes on. Call it while the replica serves.</summary>
    public void Tick()
    {
        replicator.ApplySalvaged(previous.AreHeard());
        if (!gate.SnapshotWanted) return;
        if (_isWriting && snapshot.Written > _writtenBefore)
        {
            if (!state.IsAllDurable) return;
            _isWriting = false;
            gate.SnapshotWanted = false;
            recovery.Mended();
        }
        else if (!snapshot.IsRunning && images.BeginSnapshot() is null)
        {
            (_isWriting, _writtenBefore) = (true, snapshot.Written);
        }
    }
}

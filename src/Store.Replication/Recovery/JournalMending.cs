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
    PartitionState state, RejoinGate gate, PreviousIncarnations previous, Replicator replicator, ImageTransfer images,
    SnapshotWriter snapshot, JournalRecovery recovery)
{
    private bool _isWriting;
    private int _writtenBefore;

    /// <summary>What of the journal is damaged, in words for people; null where nothing is, or it is replaced.</summary>
    public string? Damage =>
        gate.Damage ?? (gate.SnapshotWanted ? "what was damaged has been mended, and the journal is written anew" : null);

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

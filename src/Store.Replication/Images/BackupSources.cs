using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Membership;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Images;

/// <summary>Begins backups of a replica's state, and goes on with them while it is the same replica and serves.</summary>
public sealed class BackupSources
{
    private readonly PartitionState _state;
    private readonly RejoinGate _gate;
    private readonly ReplicaSettings _settings;

    internal BackupSources(PartitionState state, RejoinGate gate, ReplicaSettings settings) =>
        (_state, _gate, _settings) = (state, gate, settings);

    /// <summary>Begins a backup. The replica serves.</summary>
    /// <param name="since">The clock of an earlier backup. Empty where every key is wanted.</param>
    /// <param name="before">The keys that it had.</param>
    /// <param name="partBytes">A larger object is told in parts of about that size.</param>
    /// <exception cref="InvalidOperationException">This replica cannot make it. The message says why.</exception>
    public BackupSource Begin(VersionVector since, BackupKeys before, long partBytes)
    {
        CheckServing();
        return _state.Applied.Covers(since)
            ? new BackupSource(_state, _settings, since, before, partBytes)
            : throw new InvalidOperationException("the replica has not applied what the earlier backup holds");
    }

    /// <summary>Tells the next keys of a backup.</summary>
    /// <param name="source">The backup.</param>
    /// <param name="into">Takes them: about as many bytes as a slice of an image. In the last turn as many as there are left.</param>
    /// <returns>What the backup is of, with the last keys; else null.</returns>
    /// <exception cref="InvalidOperationException">The backup cannot go on. It can be begun anew, here or at another owner.</exception>
    public BackupEnd? Continue(BackupSource source, List<SavedObject> into)
    {
        if (!source.IsOf(_state)) throw new InvalidOperationException("the partition's state was opened or replaced meanwhile");
        CheckServing();
        return source.Next(into);
    }

    private void CheckServing()
    {
        if (_gate.State != ServingState.Serving) throw new InvalidOperationException($"the replica does not serve: {_gate.Reason}");
    }
}

using Gossipdb.Crdt.Causality;

namespace Gossipdb.Replication.Images;

/// <summary>Which keys there are, in little: their number, and the exclusive or of their hashes.</summary>
/// <param name="Count">How many.</param>
/// <param name="Hash">The exclusive or.</param>
public readonly record struct BackupKeys(long Count, ulong Hash)
{
    /// <summary>These, and one more.</summary>
    public BackupKeys With(ulong hash) => new(Count + 1, Hash ^ hash);
}

/// <summary>What a backup of a partition is of.</summary>
/// <param name="Clock">The clock of the state.</param>
/// <param name="StableCut">What was stable.</param>
/// <param name="LastTimestamp">The greatest timestamp of a change in the partition.</param>
/// <param name="Keys">The keys that a reader sees.</param>
/// <param name="Unchanged">The hashes of the keys that have not changed; null where no key of the earlier backup can be missing.</param>
public sealed record BackupEnd(
    VersionVector Clock, VersionVector StableCut, HybridTimestamp LastTimestamp, BackupKeys Keys, IReadOnlyList<ulong>? Unchanged);

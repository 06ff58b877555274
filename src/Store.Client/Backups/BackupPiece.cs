namespace Gossipdb.Client;

/// <summary>A piece of a backup.</summary>
/// <param name="Entries">What keys hold. A later entry of a key replaces the earlier ones, unless it continues them.</param>
/// <param name="Unchanged">The XxHash3 of keys that have not changed since the earlier backup.</param>
/// <param name="End">What the backup is of: with the last piece. A backup without an end is none.</param>
public sealed record BackupPiece(IReadOnlyList<BackupEntry> Entries, IReadOnlyList<ulong> Unchanged, BackupEnd? End);

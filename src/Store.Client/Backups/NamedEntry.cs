namespace Gossipdb.Client;

/// <summary>An object of a backup that is restored with others.</summary>
/// <param name="Entry">The object.</param>
/// <param name="Name">Its name, under which a repetition counts once, whatever it comes with; null: one of this call alone.</param>
public sealed record NamedEntry(BackupEntry Entry, RestoreName? Name);

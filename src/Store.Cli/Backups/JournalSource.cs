using Gossipdb.Cli.Nodes;
using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>The journal of a node that is stopped. It is read in one go.</summary>
internal sealed class JournalSource(IStoredStates states, string directory, DateTimeOffset? until, Action<string> tell) : IRestoreSource
{
    public string Name { get; } = $"journal {Path.GetFullPath(directory)}{(until is { } time ? $" until {time.UtcDateTime:u}" : "")}";

    public IReadOnlyList<int> Partitions => [0];

    public IEnumerable<BackupEntry> Read(int partition) => states.ReadJournal(directory, until, tell);
}

using Gossipdb.Cli.Nodes;
using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>
/// The journals of nodes that are stopped. They are read in one go, when they are named: a time they do not reach is said first.
/// </summary>
internal sealed class JournalSource : IRestoreSource
{
    private readonly IEnumerable<JournaledObject> _objects;

    public JournalSource(IStoredStates states, IReadOnlyList<string> directories, DateTimeOffset? until, Action<string> tell)
    {
        _objects = states.ReadJournals(directories, until, tell);
        var bound = until is { } time ? $" until {time.UtcDateTime:u}" : "";
        Name = $"journal {string.Join(", ", directories.Select(Path.GetFullPath))}{bound}";
    }

    public string Name { get; }

    public IReadOnlyList<int> Partitions => [0];

    public int AtOnce => 1;

    public IEnumerable<BackupEntry> Read(int partition) => _objects.Select(static held => new BackupEntry(
        new Bytes(held.Key.Span), (StoredType)held.Type, held.State,
        held.ExpiresAtMs is { } end ? DateTimeOffset.FromUnixTimeMilliseconds(end) : null, held.Continues));
}

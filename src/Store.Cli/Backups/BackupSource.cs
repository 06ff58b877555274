using System.Globalization;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>The backups of a directory, taken together.</summary>
internal sealed class BackupSource : IRestoreSource
{
    private readonly Dictionary<int, PartitionChain> _chains = [];

    /// <param name="directory">Where the backups are.</param>
    /// <param name="until">Of each partition the newest state without a change after this; null: the newest.</param>
    /// <exception cref="CliException">There is no such state of some partition.</exception>
    public BackupSource(string directory, DateTimeOffset? until)
    {
        var backups = new BackupDirectory(directory).Needed();
        var last = backups[^1].Manifest;
        for (var partition = 0; partition < backups[0].Manifest.Partitions; partition++)
        {
            _chains[partition] = PartitionChain.Of(backups, partition, until) ?? throw new CliException(
                $"no backup in {directory} reaches back to {until:u}: the oldest has a change of partition {partition} of "
                + $"{backups[0].Manifest.Parts[partition].LastChangedAt:u}");
        }

        Name = string.Create(
            CultureInfo.InvariantCulture, $"backup {last.Number} ({last.Id}){(until is { } time ? $" until {time.UtcDateTime:u}" : "")}");
    }

    public string Name { get; }

    public IReadOnlyList<int> Partitions => [.. _chains.Keys];

    // Each has files of its own. In a cluster of as many partitions each is one place where writes wait for each other.
    public int AtOnce => 4;

    public IEnumerable<BackupEntry> Read(int partition) => _chains[partition].Read();

    /// <summary>What the backups say of the newest state of a partition.</summary>
    public PartitionBackup NewestOf(int partition) => _chains[partition].Newest;
}

using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>Where saved objects come from.</summary>
internal interface IRestoreSource
{
    /// <summary>What it is, in words that tell it from any other.</summary>
    string Name { get; }

    /// <summary>The partitions it has. They have nothing to do with those of the cluster that is restored into.</summary>
    IReadOnlyList<int> Partitions { get; }

    /// <summary>How many partitions can be read at once.</summary>
    int AtOnce { get; }

    /// <summary>What the keys of a partition hold: the objects of a key, each in all its parts, one after the other.</summary>
    IEnumerable<BackupEntry> Read(int partition);
}

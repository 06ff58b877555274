using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>
/// Gathers what is small by its partition, so that several go in one write. What waits is bounded: a group of each partition.
/// </summary>
/// <typeparam name="T">What is gathered.</typeparam>
/// <param name="partitionOf">The partition of a key.</param>
/// <param name="most">How many make a group.</param>
internal sealed class PartitionGroups<T>(Func<Bytes, int> partitionOf, int most)
{
    /// <summary>What is larger goes alone.</summary>
    public const int SmallBytes = 16 << 10;

    /// <summary>The most that are worth a group.</summary>
    public const int MostItems = 32;

    // A group ends with the one that brings it here.
    private const int GroupBytes = 64 << 10;

    private readonly Dictionary<int, (List<T> Items, int Bytes)> _groups = [];

    /// <summary>How many go together where so many may be under way: several groups always are.</summary>
    public static int MostFor(int parallel) => Math.Clamp(parallel / 8, 1, MostItems);

    /// <summary>Gathers one more.</summary>
    /// <returns>Its group, where that is full; else null.</returns>
    public List<T>? Add(Bytes key, T item, int bytes)
    {
        var partition = partitionOf(key);
        var group = _groups.GetValueOrDefault(partition, ([], 0));
        group.Items.Add(item);
        group.Bytes += bytes;
        if (group.Items.Count >= most || group.Bytes >= GroupBytes)
        {
            _groups.Remove(partition);
            return group.Items;
        }

        _groups[partition] = group;
        return null;
    }

    /// <summary>Takes what waits of the partition of a key; null where nothing does.</summary>
    public List<T>? Take(Bytes key) => _groups.Remove(partitionOf(key), out var group) ? group.Items : null;

    /// <summary>Takes all that waits.</summary>
    public List<List<T>> TakeAll()
    {
        var all = _groups.Values.Select(static group => group.Items).ToList();
        _groups.Clear();
        return all;
    }
}

using System.IO.Hashing;
using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>
/// What backups hold of one partition, taken together: a whole one, and those that build on it. They are read from the newest to the
/// oldest, so that only the keys' hashes are in memory.
/// </summary>
internal sealed class PartitionChain
{
    // From the oldest, which is whole, to the newest.
    private readonly List<(StoredBackup Backup, PartitionBackup Part)> _links;

    private PartitionChain(int partition, List<(StoredBackup, PartitionBackup)> links) => (Partition, _links) = (partition, links);

    public int Partition { get; }

    /// <summary>The newest of the backups.</summary>
    public PartitionBackup Newest => _links[^1].Part;

    /// <summary>The bytes of their files.</summary>
    public long Bytes => _links.Sum(static link => link.Part.Bytes);

    /// <summary>The newest state of a partition whose last change is not after a time; null where there is none.</summary>
    /// <param name="backups">The backups in order.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="until">The time; null takes the newest.</param>
    public static PartitionChain? Of(IReadOnlyList<StoredBackup> backups, int partition, DateTimeOffset? until)
    {
        var last = backups.Count - 1;
        while (last >= 0 && until is { } time && backups[last].Manifest.Parts[partition].LastChangedAt > time) last--;
        if (last < 0) return null;
        var first = last;
        while (!backups[first].Manifest.Parts[partition].IsWhole)
        {
            if (--first < 0)
                throw new DamagedBackupException($"partition {partition} of backup {backups[0].Manifest.Number} builds on one that is "
                    + "missing");
        }

        var links = new List<(StoredBackup, PartitionBackup)>();
        for (var i = first; i <= last; i++) links.Add((backups[i], backups[i].Manifest.Parts[partition]));
        return new PartitionChain(partition, links);
    }

    /// <summary>What each key holds: its objects, each in all its parts, one after the other.</summary>
    /// <exception cref="DamagedBackupException">A file is not as it was written.</exception>
    public IEnumerable<BackupEntry> Read()
    {
        var told = new HashSet<UInt128>();
        var stays = new List<HashSet<ulong>>();
        for (var i = _links.Count - 1; i >= 0; i--)
        {
            var (backup, part) = _links[i];

            // A key may be told several times, and the last time counts.
            var last = new Dictionary<UInt128, long>();
            var unchanged = part.ListsUnchanged ? new HashSet<ulong>() : null;
            long index = 0;
            foreach (var block in PartitionFileReader.Read(backup, part))
            {
                foreach (var entry in block.Entries)
                {
                    if (!entry.Continues) last[NameOf(entry.Key)] = index;
                    index++;
                }

                unchanged?.UnionWith(block.Unchanged);
            }

            index = 0;
            foreach (var block in PartitionFileReader.Read(backup, part))
            {
                foreach (var entry in block.Entries)
                {
                    var name = NameOf(entry.Key);
                    var isLast = index++ >= last[name];
                    if (isLast && entry.Type != StoredType.None && !told.Contains(name) && Stays(entry.Key, stays)) yield return entry;
                }
            }

            told.UnionWith(last.Keys);
            if (unchanged is not null) stays.Add(unchanged);
        }
    }

    private static bool Stays(Bytes key, List<HashSet<ulong>> stays) =>
        stays.Count == 0 || stays.TrueForAll(unchanged => unchanged.Contains(XxHash3.HashToUInt64(key.Span)));

    // Two keys of one name would be one: 64 bits are too few for that.
    private static UInt128 NameOf(Bytes key) => XxHash128.HashToUInt128(key.Span);
}

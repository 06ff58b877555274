using System.Globalization;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>
/// Takes a backup: each partition from an owner that serves it, a few at once. Where an owner fails, the partition is begun anew at
/// another.
/// </summary>
internal sealed class BackupRun(ClusterAdmins admins, BackupDirectory directory, Action<string> remark)
{
    private const int PartitionsAtOnce = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(2);
    private int _done;
    private long _bytes;

    /// <summary>Takes it, and writes its manifest last.</summary>
    /// <param name="full">Every key, whatever earlier backups hold.</param>
    /// <param name="stop">Gives up. What was written counts for nothing.</param>
    /// <exception cref="CliException">It cannot be taken, and is not complete.</exception>
    public async Task<StoredBackup> RunAsync(bool full, CancellationToken stop)
    {
        var cluster = admins.Cluster;
        var before = directory.Complete() is [.., var last] ? last : null;
        if (before is not null && before.Manifest.Partitions != cluster.Partitions)
        {
            throw new CliException(
                $"{directory.Path} holds backups of a cluster of {before.Manifest.Partitions} partitions, and this one has "
                + $"{cluster.Partitions}: take another directory for it");
        }

        var (id, number, begun) = (Guid.NewGuid().ToString("n"), (before?.Manifest.Number ?? 0) + 1, DateTimeOffset.UtcNow);
        try
        {
            var folder = directory.Begin(number);
            var parts = new PartitionBackup[cluster.Partitions];
            using var telling = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var told = TellAsync(cluster.Partitions, telling.Token);
            try
            {
                var options = new ParallelOptions { MaxDegreeOfParallelism = PartitionsAtOnce, CancellationToken = stop };
                await Parallel.ForAsync(0, parts.Length, options, async (partition, cancelled) =>
                {
                    var since = full ? null : before?.Manifest.Parts[partition];
                    parts[partition] = await TakeAsync(id, folder, partition, since, cancelled);
                    Interlocked.Increment(ref _done);
                    Interlocked.Add(ref _bytes, parts[partition].Bytes);
                });
            }
            finally
            {
                await telling.CancelAsync();
                await told;
            }

            var manifest = new BackupManifest
            {
                Id = id,
                Number = number,
                Begun = begun,
                Ended = DateTimeOffset.UtcNow,
                Program = Invocation.Version,
                Partitions = cluster.Partitions,
                Replication = cluster.Replication,
                LayoutVersion = cluster.LayoutVersion,
                Parts = parts,
            };
            manifest.Write(folder);
            return new StoredBackup(folder, manifest);
        }
        catch (Exception wrong) when (wrong is IOException and not DamagedBackupException or UnauthorizedAccessException)
        {
            throw new CliException(
                $"{directory.Path} cannot be written: {wrong.Message} This backup is not complete and counts for nothing; those before it "
                + "are as they were");
        }
    }

    private async Task<PartitionBackup> TakeAsync(
        string id, string folder, int partition, PartitionBackup? since, CancellationToken stop)
    {
        var until = DateTimeOffset.UtcNow + Patience;
        string? problem = null;
        do
        {
            var isNotCovered = true;
            foreach (var node in OwnersOf(partition))
            {
                try
                {
                    return await TakeAsync(id, folder, partition, since, node, stop);
                }
                catch (GossipdbException refused)
                {
                    problem = $"node {node}: {refused.Message}";
                    isNotCovered &= refused.Message.Contains("earlier backup", StringComparison.Ordinal);
                }
            }

            // Nobody has what the earlier backup holds: it is of another cluster, or of a time that was lost.
            if (since is not null && isNotCovered)
            {
                remark($"partition {partition} is taken whole: no owner has applied all that the backup before holds of it");
                since = null;
                continue;
            }

            await Task.Delay(Pause, stop);
        }
        while (DateTimeOffset.UtcNow < until);

        throw new CliException(
            $"no owner of partition {partition} gave it within {Patience.TotalSeconds:0} s; {problem}. This backup is not complete and "
            + "counts "
            + "for nothing",
            ExitCode.Unavailable);
    }

    private async Task<PartitionBackup> TakeAsync(
        string id, string folder, int partition, PartitionBackup? since, int node, CancellationToken stop)
    {
        var name = $"partition-{partition:D4}.bak";
        BackupEnd? end = null;
        using var writer = new PartitionFileWriter(Path.Combine(folder, name), id, partition);
        await foreach (var piece in admins[node].BackupAsync(partition, since?.ToEnd(), stop))
        {
            foreach (var entry in piece.Entries) writer.Write(entry);
            writer.WriteUnchanged(piece.Unchanged);
            end = piece.End;
        }

        if (end is null) throw new GossipdbException($"The node at {admins[node].Endpoint} ended its backup before it was complete.");
        var isEmpty = writer.Entries == 0 && !end.ListsUnchanged;
        if (!isEmpty) writer.End();
        writer.Dispose();
        if (isEmpty) File.Delete(Path.Combine(folder, name));
        return new PartitionBackup
        {
            Partition = partition,
            IsWhole = since is null,
            File = isEmpty ? null : name,
            Bytes = isEmpty ? 0 : new FileInfo(Path.Combine(folder, name)).Length,
            Blocks = isEmpty ? 0 : writer.Blocks,
            Entries = writer.Entries,
            Clock = end.Clock.ToString(),
            StableCut = end.StableCut.ToString(),
            LastTimestamp = end.LastTimestamp,
            Keys = end.Keys,
            KeysHash = end.KeysHash,
            ListsUnchanged = end.ListsUnchanged,
            Node = node,
        };
    }

    // Owners in the order of preference, begun at another one for each partition, so that all nodes have some of the work.
    private IEnumerable<int> OwnersOf(int partition)
    {
        var owners = admins.Cluster.Owners[partition];
        for (var i = 0; i < owners.Count; i++) yield return owners[(i + partition) % owners.Count];
    }

    private async Task TellAsync(int partitions, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(ProgressInterval, stop);
                remark(string.Create(CultureInfo.InvariantCulture, $"{_done} of {partitions} partitions, {ByteSize.Text(_bytes)}"));
            }
        }
        catch (OperationCanceledException)
        {
            // It is done.
        }
    }
}

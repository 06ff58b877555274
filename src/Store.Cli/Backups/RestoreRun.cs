using System.Globalization;
using System.Threading.Channels;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>How restoring went.</summary>
internal sealed class RestoreTally
{
    public long Keys;
    public long Objects;
    public long Bytes;
    public long Expired;
    public long Retries;

    /// <summary>One line for people.</summary>
    public string Line => string.Create(
        CultureInfo.InvariantCulture,
        $"{Keys:N0} keys, {Objects:N0} objects and parts, {ByteSize.Text(Bytes)}{(Expired > 0 ? $"; {Expired:N0} keys had expired" : "")}"
        + $"{(Retries > 0 ? $"; {Retries:N0} writes were made again" : "")}");
}

/// <summary>
/// Restores saved objects: small ones of one partition together, groups side by side, a bounded number at once. The parts of one key go one
/// after the other.
/// </summary>
/// <param name="target">The cluster; null where it is only tried out.</param>
/// <param name="parallel">How many keys at once.</param>
/// <param name="prefix">Only keys that begin so.</param>
/// <param name="of">What is restored: part of every name.</param>
/// <param name="begun">When the restoring was begun.</param>
/// <param name="tally">Counts.</param>
internal sealed class RestoreRun(
    RestoreTarget? target, int parallel, Bytes prefix, string of, DateTimeOffset begun, RestoreTally? tally = null)
{
    private readonly RestoreNames _names = new(of, begun);

    /// <summary>How far it is.</summary>
    public RestoreTally Tally { get; } = tally ?? new RestoreTally();

    /// <summary>True where something of it may have been sent before.</summary>
    public bool MayHaveBeenSent { get; init; }

    /// <summary>A key that was restored last, and its receipt; null where there was none.</summary>
    public (Bytes Key, Receipt Receipt)? Last { get; private set; }

    /// <summary>Restores all that is told. Ends with the first object that cannot be restored, once what is under way is done.</summary>
    /// <exception cref="CliException">An object was refused; the message names its key.</exception>
    public async Task RunAsync(IEnumerable<BackupEntry> entries, CancellationToken stop)
    {
        Last = null;
        var most = PartitionGroups<BackupEntry>.MostFor(parallel);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var groups = Channel.CreateBounded<List<BackupEntry>>(1);
        var workers = new Task[Math.Max(1, parallel / most)];
        for (var i = 0; i < workers.Length; i++) workers[i] = WorkAsync(groups.Reader, ending, stop);
        try
        {
            foreach (var group in Grouped(entries, most)) await groups.Writer.WriteAsync(group, ending.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // A worker failed, and says so below.
        }
        finally
        {
            groups.Writer.Complete();
        }

        await Task.WhenAll(workers);
    }

    private async Task WorkAsync(ChannelReader<List<BackupEntry>> groups, CancellationTokenSource ending, CancellationToken stop)
    {
        try
        {
            await foreach (var group in groups.ReadAllAsync(stop)) await RestoreAsync(group, stop);
        }
        catch
        {
            await ending.CancelAsync();
            throw;
        }
    }

    // Either several keys of one part each, or the parts of one key.
    private async Task RestoreAsync(List<BackupEntry> group, CancellationToken stop)
    {
        var isOneKey = group.Count > 1 && group[1].Continues;
        if (target is not null)
        {
            if (isOneKey)
                for (var part = 0; part < group.Count; part++) await WriteAsync(target, [Named(group[part], part)], stop);
            else
                await WriteAsync(target, [.. group.Select(entry => Named(entry, 0))], stop);
        }

        Interlocked.Add(ref Tally.Objects, group.Count);
        foreach (var entry in group) Interlocked.Add(ref Tally.Bytes, entry.Key.Length + entry.State.Length);
        Interlocked.Add(ref Tally.Keys, isOneKey ? 1 : group.Count);
    }

    private NamedEntry Named(BackupEntry entry, int part) => _names.Of(entry, part, MayHaveBeenSent);

    private async Task WriteAsync(RestoreTarget to, IReadOnlyList<NamedEntry> objects, CancellationToken stop)
    {
        Last = (objects[^1].Entry.Key, await to.Writer.WriteAsync(objects, stop));
    }

    private IEnumerable<List<BackupEntry>> Grouped(IEnumerable<BackupEntry> entries, int most)
    {
        var groups = new PartitionGroups<BackupEntry>(target is null ? static _ => 0 : target.PartitionOf, most);
        foreach (var key in ByKey(entries))
        {
            var bytes = key[0].Key.Length + key[0].State.Length;
            if (key.Count > 1 || bytes > PartitionGroups<BackupEntry>.SmallBytes) yield return key;
            else if (groups.Add(key[0].Key, key[0], bytes) is { } full) yield return full;
        }

        foreach (var rest in groups.TakeAll()) yield return rest;
    }

    private IEnumerable<List<BackupEntry>> ByKey(IEnumerable<BackupEntry> entries)
    {
        List<BackupEntry>? key = null;
        foreach (var entry in entries)
        {
            if (!entry.Key.Span.StartsWith(prefix.Span)) continue;
            if (entry.ExpiresAt <= DateTimeOffset.UtcNow)
            {
                if (!entry.Continues) Interlocked.Increment(ref Tally.Expired);
                continue;
            }

            if (entry.Continues && key is not null && key[0].Key == entry.Key)
            {
                key.Add(entry);
                continue;
            }

            if (key is not null) yield return key;
            key = [entry];
        }

        if (key is not null) yield return key;
    }
}

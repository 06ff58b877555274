using System.Globalization;
using System.IO.Hashing;
using System.Text;
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
/// Gives saved objects to a cluster: keys side by side, a bounded number at once, and the parts of one key one after the other.
/// </summary>
/// <param name="client">The cluster; null where it is only tried out.</param>
/// <param name="write">How many replicas must have each.</param>
/// <param name="parallel">How many keys at once.</param>
/// <param name="prefix">Only keys that begin so.</param>
/// <param name="of">What is restored: part of every name.</param>
/// <param name="begun">When the restoring was begun.</param>
/// <param name="tally">Counts.</param>
internal sealed class RestoreRun(
    GossipdbClient? client, Write write, int parallel, Bytes prefix, string of, DateTimeOffset begun, RestoreTally? tally = null)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryFor = TimeSpan.FromSeconds(60);

    private readonly DateTimeOffset _deadline = begun + RestoreProgress.Repeatable;

    /// <summary>How far it is.</summary>
    public RestoreTally Tally { get; } = tally ?? new RestoreTally();

    /// <summary>True where something of it may have been sent before.</summary>
    public bool MayHaveBeenSent { get; init; }

    /// <summary>The key that was restored last, and its receipt; null where there was none.</summary>
    public (Bytes Key, Receipt Receipt)? Last { get; private set; }

    /// <summary>Restores all that is told. Ends with the first object that cannot be restored, once what is under way is done.</summary>
    /// <exception cref="CliException">An object was refused; the message names its key.</exception>
    public async Task RunAsync(IEnumerable<BackupEntry> entries, CancellationToken stop)
    {
        Last = null;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var keys = Channel.CreateBounded<List<BackupEntry>>(parallel);
        var workers = new Task[parallel];
        for (var i = 0; i < workers.Length; i++) workers[i] = WorkAsync(keys.Reader, ending, stop);
        try
        {
            foreach (var key in ByKey(entries)) await keys.Writer.WriteAsync(key, ending.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // A worker failed, and says so below.
        }
        finally
        {
            keys.Writer.Complete();
        }

        await Task.WhenAll(workers);
    }

    private async Task WorkAsync(ChannelReader<List<BackupEntry>> keys, CancellationTokenSource ending, CancellationToken stop)
    {
        try
        {
            await foreach (var key in keys.ReadAllAsync(stop))
            {
                for (var part = 0; part < key.Count; part++) await RestoreAsync(key[part], part, stop);
                Interlocked.Increment(ref Tally.Keys);
            }
        }
        catch
        {
            await ending.CancelAsync();
            throw;
        }
    }

    private IEnumerable<List<BackupEntry>> ByKey(IEnumerable<BackupEntry> entries)
    {
        List<BackupEntry>? key = null;
        foreach (var entry in entries)
        {
            if (!entry.Key.Span.StartsWith(prefix.Span)) continue;
            if (entry.ExpiresAt <= DateTimeOffset.UtcNow)
            {
                if (!entry.Continues) Tally.Expired++;
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

    private async Task RestoreAsync(BackupEntry entry, int part, CancellationToken stop)
    {
        Interlocked.Increment(ref Tally.Objects);
        Interlocked.Add(ref Tally.Bytes, entry.Key.Length + entry.State.Length);
        if (client is null) return;
        var name = AddsUp(entry.Type) ? new RestoreName(NameOf(entry.Key, part), _deadline, MayHaveBeenSent) : null;
        var until = DateTimeOffset.UtcNow + RetryFor;
        for (var pause = FirstPause; ; pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks)))
        {
            try
            {
                Last = (entry.Key, await client.RestoreAsync(entry, name, write, stop));
                return;
            }
            catch (GossipdbException passing) when (MayPass(passing) && DateTimeOffset.UtcNow < until)
            {
                // By its name it counts once. What has none is the same twice.
                if (name is not null) name = name with { MayHaveBeenSent = true };
                Interlocked.Increment(ref Tally.Retries);
                await Task.Delay(pause, stop);
            }
            catch (GossipdbException refused)
            {
                throw new CliException(
                    $"'{entry.Key.ToEscaped()}' was not restored: {refused.Message} What was restored before it stays, and the same "
                    + "command "
                    + "goes on from there",
                    Failure.Of(refused).Exit);
            }
        }
    }

    private static bool MayPass(GossipdbException problem) => problem is UnavailableException or OverloadedException
        or RefusingWritesException or OperationExpiredException or ConnectionException or IndeterminateException or TimedOutException;

    // Two of them come to more than one. Of the other types a state that is added twice is the same as once.
    private static bool AddsUp(StoredType type) => type is StoredType.Counter or StoredType.GrowOnlyCounter or StoredType.BoundedCounter
        or StoredType.Sequence or StoredType.Text or StoredType.SortedSet or StoredType.Map or StoredType.Json;

    private ulong NameOf(Bytes key, int part)
    {
        var hash = new XxHash3();
        hash.Append(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{of}/{begun.UtcTicks}/{part}/")));
        hash.Append(key.Span);
        return Math.Max(1, hash.GetCurrentHashAsUInt64());
    }
}

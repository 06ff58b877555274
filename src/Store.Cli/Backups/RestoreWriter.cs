using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>Gives saved objects to a cluster, and does so again where that may help. What adds up has a name, and counts once.</summary>
/// <param name="client">The cluster.</param>
/// <param name="write">How many replicas must have each.</param>
internal sealed class RestoreWriter(GossipdbClient client, Write write)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryFor = TimeSpan.FromSeconds(60);

    // False once it was seen that the cluster takes them only one by one.
    private volatile bool _takesSeveral = true;
    private long _retries;

    /// <summary>How many writes were made again.</summary>
    public long Retries => _retries;

    /// <summary>Restores objects of one partition, in order.</summary>
    /// <exception cref="CliException">One was refused; the message names its key.</exception>
    public async Task<Receipt> WriteAsync(IReadOnlyList<NamedEntry> objects, CancellationToken stop)
    {
        if (objects.Count > 1 && _takesSeveral)
        {
            try
            {
                return await RetriedAsync(objects, static (client, all, write, stop) => client.RestoreManyAsync(all, write, stop), stop);
            }
            catch (GossipdbException refused) when (refused is InvalidRequestException or TooLargeException)
            {
                // Nothing of it was applied. One by one it shows whose fault it is: an object's, or a cluster's that takes no several.
            }
            catch (GossipdbException refused)
            {
                throw Refused(objects, refused);
            }
        }

        Receipt? last = null;
        for (var i = 0; i < objects.Count; i++)
        {
            try
            {
                last = await RetriedAsync(
                    [objects[i]], static (client, one, write, stop) => client.RestoreAsync(one[0].Entry, one[0].Name, write, stop), stop);
            }
            catch (GossipdbException refused)
            {
                throw Refused([objects[i]], refused);
            }
        }

        if (objects.Count > 1) _takesSeveral = false;
        return last!;
    }

    private async Task<Receipt> RetriedAsync(
        IReadOnlyList<NamedEntry> objects,
        Func<GossipdbClient, IReadOnlyList<NamedEntry>, Write, CancellationToken, Task<Receipt>> call,
        CancellationToken stop)
    {
        var until = DateTimeOffset.UtcNow + RetryFor;
        for (var pause = FirstPause; ; pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks)))
        {
            try
            {
                return await call(client, objects, write, stop);
            }
            catch (GossipdbException passing) when (MayPass(passing) && DateTimeOffset.UtcNow < until)
            {
                // By its name it counts once. What has none is the same twice.
                objects = [.. objects.Select(SentBefore)];
                Interlocked.Increment(ref _retries);
                await Task.Delay(pause, stop);
            }
        }
    }

    private static NamedEntry SentBefore(NamedEntry one) =>
        one.Name is { } name ? one with { Name = name with { MayHaveBeenSent = true } } : one;

    private static CliException Refused(IReadOnlyList<NamedEntry> objects, GossipdbException refused) => new(
        $"'{objects[0].Entry.Key.ToEscaped()}'{(objects.Count > 1 ? $" and {objects.Count - 1} more were" : " was")} not restored: "
        + $"{refused.Message} What was restored before stays, and the same command goes on from there",
        Failure.Of(refused).Exit);

    private static bool MayPass(GossipdbException problem) => problem is UnavailableException or OverloadedException
        or RefusingWritesException or OperationExpiredException or ConnectionException or IndeterminateException or TimedOutException;
}

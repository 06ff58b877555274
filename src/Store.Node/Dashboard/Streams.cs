using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Gossipdb.Node.Observability;

namespace Gossipdb.Node.Dashboard;

/// <summary>What a stream of events is of.</summary>
internal enum StreamOf
{
    /// <summary>The cluster.</summary>
    Cluster,

    /// <summary>A key.</summary>
    Key,

    /// <summary>Processes and runs of scenarios.</summary>
    Lab,
}

/// <summary>Streams of events to pages: how many there may be, and that none outlives the node. Any thread.</summary>
internal sealed class Streams(NodeHealth health, IHostApplicationLifetime lifetime)
{
    /// <summary>How many pages may look at the cluster at once.</summary>
    public const int MostOfCluster = 64;

    /// <summary>How many keys may be watched at once.</summary>
    public const int MostOfKeys = 32;

    /// <summary>How many pages may look at the lab at once.</summary>
    public const int MostOfLab = 16;

    private readonly int[] _open = new int[3];

    /// <summary>Serves a stream until the page goes, the node stops, or <paramref name="until"/>.</summary>
    /// <param name="http">The call.</param>
    /// <param name="of">What it is of.</param>
    /// <param name="items">What is told.</param>
    /// <param name="until">Ends it.</param>
    public async Task ServeAsync(
        HttpContext http, StreamOf of, Func<CancellationToken, IAsyncEnumerable<SseItem<string>>> items, CancellationToken until)
    {
        var (most, what) = of switch
        {
            StreamOf.Cluster => (MostOfCluster, "the cluster"),
            StreamOf.Key => (MostOfKeys, "keys"),
            _ => (MostOfLab, "the lab"),
        };
        if (Interlocked.Increment(ref _open[(int)of]) > most)
        {
            Interlocked.Decrement(ref _open[(int)of]);
            await Answers.RefuseAsync(
                http,
                StatusCodes.Status503ServiceUnavailable,
                $"{most} pages look at {what} by this node already: close one, or go to another node");
            return;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(
            http.RequestAborted, until, lifetime.ApplicationStopping, health.Failed);
        try
        {
            // What stands between must not hold events back.
            http.Response.Headers["X-Accel-Buffering"] = "no";
            await TypedResults.ServerSentEvents(UntilAsync(items(ended.Token), ended.Token)).ExecuteAsync(http);
        }
        finally
        {
            Interlocked.Decrement(ref _open[(int)of]);
        }
    }

    private static async IAsyncEnumerable<SseItem<string>> UntilAsync(
        IAsyncEnumerable<SseItem<string>> items, [EnumeratorCancellation] CancellationToken ended)
    {
        await using var each = items.GetAsyncEnumerator(ended);
        while (true)
        {
            try
            {
                if (!await each.MoveNextAsync()) yield break;
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                yield break;
            }

            yield return each.Current;
        }
    }
}

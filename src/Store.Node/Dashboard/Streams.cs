using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Gossipdb.Node.Observability;

namespace Gossipdb.Node.Dashboard;

/// <summary>Streams of events to pages: how many there may be, and that none outlives the node. Any thread.</summary>
internal sealed class Streams(NodeHealth health, IHostApplicationLifetime lifetime)
{
    /// <summary>How many pages may look at the cluster at once.</summary>
    public const int MostOfCluster = 64;

    /// <summary>How many keys may be watched at once.</summary>
    public const int MostOfKeys = 32;

    private int _ofCluster;
    private int _ofKeys;

    /// <summary>Serves a stream until the page goes, the node stops, or <paramref name="until"/>.</summary>
    /// <param name="http">The call.</param>
    /// <param name="isOfKey">Whether it is of a key, not of the cluster.</param>
    /// <param name="items">What is told.</param>
    /// <param name="until">Ends it.</param>
    public async Task ServeAsync(
        HttpContext http, bool isOfKey, Func<CancellationToken, IAsyncEnumerable<SseItem<string>>> items, CancellationToken until)
    {
        ref var count = ref (isOfKey ? ref _ofKeys : ref _ofCluster);
        var most = isOfKey ? MostOfKeys : MostOfCluster;
        if (Interlocked.Increment(ref count) > most)
        {
            Interlocked.Decrement(ref count);
            await Answers.RefuseAsync(
                http,
                StatusCodes.Status503ServiceUnavailable,
                $"{most} pages look at {(isOfKey ? "keys" : "the cluster")} by this node already: close one, or go to another node");
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
            Interlocked.Decrement(ref isOfKey ? ref _ofKeys : ref _ofCluster);
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

using Gossipdb.Client;

namespace Gossipdb.Lab.Running;

/// <summary>Has the keys of a run expire that are left in a cluster that goes on.</summary>
internal static class KeyExpiry
{
    private const int Parallel = 32;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>Does so, as far as nodes take it before they are to stop: what is left stays.</summary>
    public static async Task RunAsync(RunPlace place, IReadOnlyList<int> nodes, IEnumerable<string> keys, CancellationToken stop)
    {
        var client = place.Client(nodes, Timeout);
        await using (client.ConfigureAwait(false))
        {
            try
            {
                await System.Threading.Tasks.Parallel.ForEachAsync(
                    keys,
                    new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = stop },
                    async (key, token) => await ExpireAsync(client, place.KeyPrefix + key, token).ConfigureAwait(false))
                    .ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // It was stopped.
            }
        }
    }

    private static async Task ExpireAsync(GossipdbClient client, string key, CancellationToken stop)
    {
        try
        {
            await client.ExpireAsync(key, ScenarioRunner.KeysLive, Write.One, stop).ConfigureAwait(false);
        }
        catch (GossipdbException)
        {
            // The node is gone: the key stays.
        }
    }
}

using Gossipdb.Checking.History;
using Gossipdb.Client;
using Gossipdb.Lab.Words;

namespace Gossipdb.Lab.Running;

/// <summary>Reads what single nodes hold of keys, and writes it into the history.</summary>
internal sealed class StateReader(ClusterPoll poll, Recorder recorder, RunPlace place) : IAsyncDisposable
{
    private const int Parallel = 32;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private static readonly LevelWord One = LevelWord.Parse("one")!;

    private readonly Dictionary<int, GossipdbClient> _clients = [];

    /// <summary>What every node holds of every key that was called, with what is behind it where that is asked for.</summary>
    /// <param name="inspected">The keys whose story is told.</param>
    /// <param name="stop">Gives up.</param>
    public Task ReadFinalAsync(IReadOnlyCollection<string> inspected, CancellationToken stop) =>
        ReadAsync(recorder.Keys.Keys.Order(StringComparer.Ordinal), inspected, isFinal: true, stop);

    /// <summary>What every node holds of these keys now, with what is behind it.</summary>
    public Task ReadNowAsync(IReadOnlyCollection<string> keys, CancellationToken stop) => ReadAsync(keys, keys, isFinal: false, stop);

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values) await client.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ReadAsync(
        IEnumerable<string> keys, IReadOnlyCollection<string> inspected, bool isFinal, CancellationToken stop)
    {
        foreach (var node in poll.Nodes.Where(node => !_clients.ContainsKey(node)))
            _clients.Add(node, place.Client([node], Timeout));
        var wanted =
            from key in keys
            from node in poll.Nodes
            select (Key: key, Node: node);
        await System.Threading.Tasks.Parallel.ForEachAsync(
            wanted,
            new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = stop },
            async (one, token) => await ReadAsync(one.Key, one.Node, inspected.Contains(one.Key), isFinal, token).ConfigureAwait(false))
            .ConfigureAwait(false);
    }

    private async Task ReadAsync(string key, int node, bool isInspected, bool isFinal, CancellationToken stop)
    {
        if (!recorder.Keys.TryGetValue(key, out var held)) return; // nobody has called it yet
        try
        {
            var at = recorder.Clock.Now;
            var call = new StoreCall { Type = held.Type, Op = "read", Key = key, Form = held.Form, Level = One, Timeout = Timeout };
            var answer = await StoreCalls.MakeAsync(_clients[node], place.KeyPrefix, call, stop).ConfigureAwait(false);

            // A node that does not own the key has asked one that does.
            if (answer.Receipt?.Nodes is not [var served, ..] || served != node) return;
            var inspection = isInspected ? await poll.AdminOf(node).InspectAsync(place.KeyPrefix + key, stop).ConfigureAwait(false) : null;
            recorder.Note(new StateRecord
            {
                At = at,
                Node = node,
                Type = held.Type,
                Key = key,
                Value = answer.Value,
                Final = isFinal,
                Detail = inspection is null ? null : InspectionJson.Of(inspection),
            });
        }
        catch (GossipdbException)
        {
            // It is down, or does not serve: then the history does not say what it holds.
        }
    }
}

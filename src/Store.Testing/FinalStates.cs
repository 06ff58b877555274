using Gossipdb.Checking.History;
using Gossipdb.Client;
using Gossipdb.LocalCluster;
using Gossipdb.Testing.Recording;
using Google.Protobuf;

namespace Gossipdb.Testing;

/// <summary>Reads what each node holds of the objects that a history is about.</summary>
internal static class FinalStates
{
    private const int Parallel = 32;

    public static async Task ReadAsync(ProcessCluster cluster, IReadOnlyCollection<CallHistory> histories, CancellationToken cancellation)
    {
        var clients = cluster.Nodes.ToDictionary(static node => node.Id, node => new GossipdbClient(OptionsOf(cluster, node)));
        try
        {
            foreach (var history in histories) await ReadAsync(clients, history, cancellation).ConfigureAwait(false);
        }
        finally
        {
            foreach (var client in clients.Values) await client.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task ReadAsync(Dictionary<int, GossipdbClient> clients, CallHistory history, CancellationToken cancellation)
    {
        var keys = history.Objects().GroupBy(static one => one.Key, static one => one.Type);
        var wanted = from key in keys from client in clients select (key, client);
        var gate = new Lock();
        var states = new List<StateRecord>();
        await System.Threading.Tasks.Parallel.ForEachAsync(
            wanted,
            new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellation },
            async (one, stop) =>
            {
                var ((node, client), at) = (one.client, history.Log.Now);
                var (value, receipt) = await client.ReadAsync(new Bytes(one.key.Key), Read.One, stop).ConfigureAwait(false);

                // A node that does not own the key has asked one that does.
                if (receipt.Nodes is not [var served, ..] || served != node) return;
                foreach (var state in StatesOf(one.key, value, node, at))
                    lock (gate) states.Add(state);
            }).ConfigureAwait(false);
        history.Log.NoteFinal(states);
    }

    // Of a key that holds several types one answers, and nothing is said of the others.
    private static IEnumerable<StateRecord> StatesOf(IGrouping<ByteString, string> key, StoredValue? value, int node, long at)
    {
        var held = value is null ? null : WireValues.TypeName((Gossipdb.Protocol.ValueType)value.Type);
        return key.Where(type => held is null || held == type).Select(type => new StateRecord
        {
            At = at,
            Node = node,
            Type = type,
            Key = new Bytes(key.Key).ToEscaped(),
            Value = value is null ? WireValues.Nothing(type) : WireValues.Of(value),
            Final = true,
        });
    }

    private static GossipdbOptions OptionsOf(ProcessCluster cluster, NodeAddress node)
    {
        var options = cluster.ClientOptions;
        (options.Endpoints, options.Discover, options.Session) = ([node.Endpoint], false, false);
        return options;
    }
}

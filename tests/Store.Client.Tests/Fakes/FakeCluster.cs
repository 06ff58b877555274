using System.Text;
using Gossipdb.Client.Routing;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Tests.Fakes;

/// <summary>Fake nodes 1, 2, 3… that describe the same cluster, and share what was written.</summary>
internal sealed class FakeCluster : IAsyncDisposable
{
    public const uint Partitions = 8;

    private readonly FakeNode[] _nodes;

    private FakeCluster(int nodes)
    {
        var store = new FakeStore();
        _nodes = [.. Enumerable.Range(1, nodes).Select(id => new FakeNode((uint)id) { Store = store })];
        foreach (var node in _nodes)
            node.Describe = () => Description(node.Id);
    }

    public ulong LayoutVersion { get; set; } = 1;

    public uint MaxKeyBytes { get; set; }

    public uint MaxValueBytes { get; set; }

    /// <summary>Whether the first node says that it cannot reach the second.</summary>
    public Func<uint, uint, bool> Unreachable { get; set; } = static (_, _) => false;

    public long NowUnixMs { get; set; }

    /// <summary>What time it is by one node; null where all say the same.</summary>
    public Func<uint, long>? NowAt { get; set; }

    /// <summary>The owners of a partition; by default every node, each the first of its share.</summary>
    public Func<uint, uint[]>? Owners { get; set; }

    public FakeNode this[int id] => _nodes[id - 1];

    public IReadOnlyList<FakeNode> Nodes => _nodes;

    public string Endpoints => string.Join(",", _nodes.Select(static node => node.Endpoint));

    public static async Task<FakeCluster> StartAsync(int nodes)
    {
        var cluster = new FakeCluster(nodes);
        foreach (var node in cluster._nodes)
            await node.StartAsync();
        return cluster;
    }

    public uint[] OwnersOf(uint partition) => Owners is { } owners
        ? owners(partition)
        : [.. Enumerable.Range(0, _nodes.Length).Select(i => (partition + (uint)i) % (uint)_nodes.Length + 1)];

    /// <summary>A key whose preference list starts with that node.</summary>
    public string KeyOf(uint node)
    {
        for (var i = 0; ; i++)
        {
            var key = $"key-{i}";
            if (OwnersOf(PartitionOf(key))[0] == node)
                return key;
        }
    }

    public static uint PartitionOf(string key) => KeyHash.Partition(KeyHash.Of(Encoding.UTF8.GetBytes(key)), Partitions);

    /// <summary>A client that is connected to every node, and has had its calls to each answered by that node.</summary>
    public async Task<GossipdbClient> ConnectAsync(Action<GossipdbOptions>? configure = null)
    {
        var options = GossipdbOptions.ForEndpoints(Endpoints);
        configure?.Invoke(options);
        var client = await GossipdbClient.ConnectAsync(options);
        foreach (var node in _nodes)
            await UntilAnsweredByAsync(client, node);
        return client;
    }

    /// <summary>Reads a key of that node until that node answers, then forgets what was received meanwhile.</summary>
    public async Task UntilAnsweredByAsync(GossipdbClient client, FakeNode node)
    {
        var key = KeyOf(node.Id);
        while ((await client.ReadAsync(key)).Receipt.Nodes[0] != (int)node.Id)
        {
        }

        foreach (var each in _nodes)
        {
            while (!each.Requests.IsEmpty)
            {
                await each.NextAsync();
                each.Requests.TryDequeue(out _);
            }

            each.Batches.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
    }

    private Protocol.ClusterDescription Description(uint answering)
    {
        var description = new Protocol.ClusterDescription
        {
            Node = answering,
            Partitions = Partitions,
            Replication = (uint)Math.Min(3, _nodes.Length),
            LayoutVersion = LayoutVersion,
            MaxKeyBytes = MaxKeyBytes,
            MaxValueBytes = MaxValueBytes,
            MaxBatch = 1000,
            NowUnixMs = NowAt?.Invoke(answering) ?? NowUnixMs,
        };
        foreach (var node in _nodes)
        {
            description.Nodes.Add(new Protocol.NodeDescription
            {
                Id = node.Id,
                Endpoint = node.Endpoint,
                Reachable = !Unreachable(answering, node.Id),
            });
        }

        for (uint partition = 0; partition < Partitions; partition++)
            description.Owners.Add(new PreferenceList { Nodes = { OwnersOf(partition) } });
        return description;
    }
}

using Gossipdb.Client;
using Gossipdb.LocalCluster;

namespace Gossipdb.Bench.Cluster;

/// <summary>
/// Nodes on this machine, with data in a directory of their own that is deleted at the end, and a client connected to them.
/// </summary>
internal sealed class BenchCluster : IAsyncDisposable
{
    private const int SettleKeys = 8;
    private static readonly Write Settled = Write.All with { Timeout = TimeSpan.FromSeconds(60) };

    private readonly ProcessCluster _cluster;
    private readonly DirectoryInfo _data;

    private BenchCluster(ProcessCluster cluster, DirectoryInfo data, GossipdbClient client)
    {
        (_cluster, _data, Client) = (cluster, data, client);
        ProcessIds = [.. cluster.Nodes.Select(node => cluster.ProcessIdOf(node.Id))];
    }

    /// <summary>A client of all nodes.</summary>
    public GossipdbClient Client { get; }

    /// <summary>The nodes' processes.</summary>
    public IReadOnlyList<int> ProcessIds { get; }

    /// <summary>The nodes.</summary>
    public ProcessCluster Local => _cluster;

    /// <summary>Starts the nodes and waits until they are ready.</summary>
    public static async Task<BenchCluster> StartAsync(
        CancellationToken stop, int nodes = 3, bool faultInjection = false, ClientTransport transport = ClientTransport.Frames)
    {
        var data = Directory.CreateTempSubdirectory("gossipdb-bench-");
        ProcessCluster? cluster = null;
        try
        {
            cluster = await ProcessCluster.StartReadyAsync(
                new LocalClusterOptions
                {
                    DataDirectory = Path.Combine(data.FullName, "data"),
                    Nodes = nodes,
                    Command = [Executable()],
                    // off, as a node outside the laboratory runs, where nothing is cut
                    Settings = [$"gossipdb.lab.fault-injection = {(faultInjection ? "on" : "off")}"],
                },
                stop);
            var options = GossipdbOptions.ForEndpoints(cluster.Endpoints);
            options.Transport = transport;
            return new BenchCluster(cluster, data, await GossipdbClient.ConnectAsync(options, stop));
        }
        catch
        {
            if (cluster is not null) await cluster.DisposeAsync();
            data.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>What a node says of itself.</summary>
    public async Task<NodeStatus> StatusAsync(int node, CancellationToken stop, bool digests = false)
    {
        using var admin = new GossipdbAdmin(_cluster.Nodes[node - 1].Endpoint);
        return await admin.StatusAsync(digests, stop);
    }

    /// <summary>Cuts the links between two sides; two empty ones heal all.</summary>
    public async Task CutAsync(int[] left, int[] right, CancellationToken stop)
    {
        var directions = from a in left from b in right from one in (LinkFault[])[new(a, b), new(b, a)] select one with { Cut = true };
        var faults = new FaultSet { Links = [.. directions] };
        foreach (var node in _cluster.Nodes)
        {
            using var admin = new GossipdbAdmin(node.Endpoint);
            await admin.SetFaultsAsync(faults, stop);
        }
    }

    /// <summary>
    /// Waits until what was written is done with: a node commits in the order of arrival, so a journaled write at every replica ends after
    /// whatever was waiting before it.
    /// </summary>
    public Task SettleAsync(CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, SettleKeys).Select(i => Client.Flag($"settled:{i}").EnableAsync(Settled, stop)));

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await _cluster.DisposeAsync();
        _data.Delete(recursive: true);
    }

    private static string Executable()
    {
        var path = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "gossipdb.exe" : "gossipdb");
        return File.Exists(path)
            ? path
            : throw new FileNotFoundException($"the node's executable is not at {path}; build Store.Bench again");
    }
}

using Gossipdb.Client;
using Gossipdb.Lab.Faults;
using Gossipdb.LocalCluster;
using Grpc.Core;
using Microsoft.Data.Sqlite;

namespace Gossipdb.Cluster.Tests;

/// <summary>Real node processes in a directory of their own, which both go with the test, however it ends.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _directory;

    private TestCluster(ProcessCluster cluster, string directory)
    {
        Local = cluster;
        Faults = new FaultInjector(AdminTarget.Of(cluster));
        _directory = directory;
    }

    public ProcessCluster Local { get; }

    public FaultInjector Faults { get; }

    public static Task<TestCluster> StartAsync(int nodes = 3, params string[] settings) =>
        StartAsync(directory => LocalOptions(directory, nodes) with { Settings = settings });

    /// <summary>Nodes whose disk does as it is told.</summary>
    public static Task<TestCluster> StartOnAsync(FaultyDisk disk, int nodes, params string[] settings) =>
        StartAsync(directory => LocalOptions(directory, nodes) with
        {
            Settings = settings,
            Command = [.. disk.Command, Programs.Gossipdb],
        });

    /// <summary>Three nodes that speak TLS.</summary>
    public static Task<TestCluster> StartSecureAsync() => StartAsync(directory => LocalOptions(directory, 3) with { Secure = true });

    /// <summary>A cluster of another number of partitions.</summary>
    public static Task<TestCluster> StartAsync(int nodes, int partitions) =>
        StartAsync(directory => LocalOptions(directory, nodes) with { Partitions = partitions });

    /// <summary>Three nodes, of which the first has settings of its own.</summary>
    public static Task<TestCluster> StartWithFirstAsync(params string[] settings) =>
        StartAsync(directory =>
            LocalOptions(directory, 3) with { SettingsOfNode = new Dictionary<int, IReadOnlyList<string>> { [1] = settings } });

    /// <summary>Three nodes of another program, which may be of a version that knows no secrets. They can be told no faults.</summary>
    /// <param name="command">What runs a node, before its arguments.</param>
    public static Task<TestCluster> StartOtherAsync(IReadOnlyList<string> command) =>
        StartAsync(directory => LocalOptions(directory, 3) with
        {
            Command = command,
            Secret = false,
            TakesOrders = false,
            Settings = ["gossipdb.lab.fault-injection = off"],
        });

    private static async Task<TestCluster> StartAsync(Func<string, LocalClusterOptions> options)
    {
        var directory = Path.Combine(Path.GetTempPath(), $"gossipdb-test-{Guid.NewGuid():n}");
        var cluster = new TestCluster(await ProcessCluster.StartReadyAsync(options(directory)), directory);
        await cluster.UntilWholeAsync();
        return cluster;
    }

    /// <summary>Stops every node and starts all again on the same data.</summary>
    public async Task<TestCluster> RestartAllAsync()
    {
        var nodes = Local.Nodes.Count;
        await Local.DisposeAsync();
        var again = new TestCluster(await ProcessCluster.StartReadyAsync(LocalOptions(_directory, nodes)), _directory);
        await again.UntilWholeAsync();
        return again;
    }

    /// <summary>Kills a node and takes its disk away: its journal is gone.</summary>
    public async Task WipeAsync(int node)
    {
        await Local.KillAsync(node);
        foreach (var file in Directory.EnumerateFiles(DataOf(node), "journal.db*")) File.Delete(file);
    }

    /// <summary>A node's journal as it lies in its files. The node is down.</summary>
    public DiskOfNode DiskOf(int node) => new(Path.Combine(DataOf(node), "journal.db"));

    /// <summary>Keeps a node from writing its journal until disposed: another connection holds SQLite's lock.</summary>
    public SqliteConnection LockJournal(int node)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(DataOf(node), "journal.db"),
            Pooling = false,
            DefaultTimeout = 30,
        }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "BEGIN EXCLUSIVE";
        command.ExecuteNonQuery();
        return connection;
    }

    public string DataOf(int node) => Path.Combine(_directory, $"node-{node}");

    public Task<GossipdbClient> ConnectAsync() => GossipdbClient.ConnectAsync(Local.ClientOptions);

    /// <summary>A client that stays on some nodes.</summary>
    public Task<GossipdbClient> ConnectOnlyAsync(params int[] nodes) => GossipdbClient.ConnectAsync(new GossipdbOptions
    {
        Endpoints = [.. nodes.Select(node => Local.Nodes[node - 1].Endpoint)],
        Discover = false,
        Tls = Local.Certificates?.Tls,
    });

    /// <summary>Cuts every link between two groups of nodes, and waits until both sides have noticed.</summary>
    public async Task CutAsync(int[] left, int[] right)
    {
        var sides = new LinkSides([new NodeList(left), new NodeList(right)], isOneWay: false);
        await SetFaultsAsync(FaultSet.None.With(new CutCommand(sides)));
        await UntilAsync("the cut is noticed", async () => await ReachabilityIsAsync((a, b) => left.Contains(a) == left.Contains(b)));
    }

    public async Task HealAsync()
    {
        await HealLinksAsync();
        await UntilWholeAsync();
    }

    /// <summary>Heals every link, and waits for nothing.</summary>
    public Task HealLinksAsync() => SetFaultsAsync(FaultSet.None);

    /// <summary>Waits until every node hears every other: links heal one by one, and states may be equal before.</summary>
    public async Task UntilWholeAsync()
    {
        try
        {
            await UntilAsync("every node hears every other", async () => await ReachabilityIsAsync(static (_, _) => true));
        }
        catch (TimeoutException apart)
        {
            var heard = new List<string>();
            foreach (var node in Local.Nodes)
            {
                var status = await StatusAsync(node.Id);
                var reached = status.Peers.Where(static peer => peer.Reachable).Select(static peer => peer.Node);
                heard.Add($"{node.Id} hears {string.Join(", ", reached)} {status.Trouble}");
            }

            throw new TimeoutException($"{apart.Message}: {string.Join("; ", heard)}", apart);
        }
    }

    /// <summary>Waits until all replicas of every partition hold equal states.</summary>
    public Task UntilConvergedAsync(params int[] nodes) => UntilAsync("all replicas hold equal states", async () =>
    {
        var replicas = new Dictionary<int, HashSet<string>>();
        foreach (var node in Some(nodes))
        {
            foreach (var partition in (await StatusAsync(node, digests: true)).Partitions)
            {
                if (!replicas.TryGetValue(partition.Partition, out var digests)) replicas.Add(partition.Partition, digests = []);
                digests.Add(Convert.ToHexString(partition.Digest.Span));
            }
        }

        return replicas.Count == 64 && replicas.Values.All(static digests => digests.Count == 1);
    });

    /// <summary>Waits until every slot is held by whom the layout names, and nobody keeps anything for others.</summary>
    public Task UntilMovedAsync(params int[] nodes) => UntilAsync("every slot is where it should be", async () =>
    {
        var version = 0L;
        foreach (var node in Some(nodes))
        {
            // Where a slot's holder is not whom the layout names, both are in the list.
            var status = await StatusAsync(node);
            if (version > 0 && status.Cluster.LayoutVersion != version) return false;
            version = status.Cluster.LayoutVersion;
            if (status.Cluster.Owners.Any(owners => owners.Count != status.Cluster.Replication)) return false;
            var owned = status.Cluster.Owners.Count(owners => owners.Contains(node));
            if (status.Partitions.Count != owned || status.Partitions.Any(static partition => partition.Moving.Length > 0
                || partition.NotServing.Length > 0
                || !partition.Slots.All(static slot => slot.Held)))
            {
                return false;
            }
        }

        return true;
    });

    /// <summary>Waits until every designated stand-in could serve its partitions by itself.</summary>
    public Task UntilStandInsAreReadyAsync() => UntilAsync("stand-ins have heard what is stable", async () =>
    {
        var ready = 0;
        foreach (var node in Local.Nodes) ready += (await StatusAsync(node.Id)).StandsInFor;
        return ready == 64 * Math.Min(3, Local.Nodes.Count - 3);
    });

    private IEnumerable<int> Some(int[] nodes) => nodes.Length > 0 ? nodes : Local.Nodes.Select(static node => node.Id);

    public async Task<NodeStatus> StatusAsync(int node, bool digests = false)
    {
        using var admin = Local.AdminOf(node);
        return await admin.StatusAsync(digests);
    }

    /// <summary>Waits for a condition, with a deadline.</summary>
    public async Task UntilAsync(string what, Func<Task<bool>> condition)
    {
        var deadline = DateTime.UtcNow + Patience;
        Exception? last = null;
        while (DateTime.UtcNow < deadline)
        {
            try
            {
                if (await condition()) return;
            }
            catch (GossipdbException notYet)
            {
                last = notYet;
            }

            await Task.Delay(50);
        }

        var ended = Local.Nodes.Select(node => Local.EndOf(node.Id)).OfType<string>();
        throw new TimeoutException(string.Join('\n', [$"not within {Patience.TotalSeconds} s: {what}", .. ended]), last);
    }

    public async ValueTask DisposeAsync()
    {
        await Local.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static LocalClusterOptions LocalOptions(string directory, int nodes) => new()
    {
        DataDirectory = directory,
        Nodes = nodes,
        Command = [Programs.Gossipdb],
    };

    private async Task<bool> ReachabilityIsAsync(Func<int, int, bool> expected)
    {
        foreach (var node in Local.Nodes)
        {
            var status = await StatusAsync(node.Id);
            if (status.Peers.Any(peer => peer.Reachable != expected(node.Id, peer.Node))) return false;
        }

        return true;
    }

    private async Task SetFaultsAsync(FaultSet faults)
    {
        foreach (var node in Local.Nodes)
        {
            using var admin = Local.AdminOf(node.Id);
            try
            {
                await admin.SetFaultsAsync(faults);
            }
            catch (GossipdbException old) when (old.InnerException is RpcException { StatusCode: StatusCode.Unimplemented })
            {
                // A node of the version before, which knows no faults: a cut is made from either of its ends.
            }
        }
    }
}

using System.Diagnostics;
using Gossipdb.Cli.Commands;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Output;
using Gossipdb.Client;
using Gossipdb.Lab.Faults;
using Gossipdb.LocalCluster;

namespace Gossipdb.Cli.Demo;

/// <summary>The two sides of the demo's cut: who is on each, a client of each, and the operator's view of every node.</summary>
internal sealed class DemoSides : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ProcessCluster _cluster;
    private readonly ClusterAdmins _admins;
    private readonly FaultInjector _faults;

    private DemoSides(ProcessCluster cluster, ClusterAdmins admins)
    {
        _cluster = cluster;
        _admins = admins;
        _faults = new FaultInjector(AdminTarget.Of(cluster));
        var small = (cluster.Nodes.Count - 1) / 2; // the largest minority
        SmallNodes = [.. cluster.Nodes.Take(small)];
        LargeNodes = [.. cluster.Nodes.Skip(small)];
        Small = ClientOf(SmallNodes);
        Large = ClientOf(LargeNodes);
    }

    public IReadOnlyList<NodeAddress> SmallNodes { get; }

    public IReadOnlyList<NodeAddress> LargeNodes { get; }

    /// <summary>A client that talks to the small side alone.</summary>
    public GossipdbClient Small { get; }

    /// <summary>A client that talks to the large side alone.</summary>
    public GossipdbClient Large { get; }

    public string SmallName => Name(SmallNodes);

    public string LargeName => Name(LargeNodes);

    public static async Task<DemoSides> OpenAsync(ProcessCluster cluster, CancellationToken stop)
    {
        var options = new GossipdbOptions { Endpoints = [.. cluster.Nodes.Select(static node => node.Endpoint)] };
        return new DemoSides(cluster, await ClusterAdmins.ConnectAsync(options, stop));
    }

    /// <summary>A client that talks to these nodes alone.</summary>
    public static GossipdbClient ClientOf(params IEnumerable<NodeAddress> nodes) => new(new GossipdbOptions
    {
        Endpoints = [.. nodes.Select(static node => node.Endpoint)],
        Discover = false,
    });

    /// <summary>Cuts every link between the sides, and waits until every node knows.</summary>
    /// <returns>How long that took from the moment the first node was told.</returns>
    public async Task<TimeSpan> CutAsync(CancellationToken stop)
    {
        var sides = new LinkSides([Ids(SmallNodes), Ids(LargeNodes)], isOneWay: false);
        var cut = sides.Directions.ToHashSet();
        var clock = Stopwatch.StartNew();
        await _faults.ApplyAsync(new CutCommand(sides), stop);
        return await UntilAsync(
            clock,
            status => status.All(node => node.Peers.All(peer => !cut.Contains((node.Node, peer.Node)) || !peer.Reachable)),
            digests: false,
            "the nodes did not notice the cut",
            stop);
    }

    /// <summary>Mends the cut, and waits until all replicas of every partition hold equal states.</summary>
    /// <returns>How long that took from the moment the first node was told.</returns>
    public async Task<TimeSpan> HealAsync(CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        await _faults.ApplyAsync(new HealCommand(), stop);
        return await UntilAsync(clock, AllEqual, digests: true, "the replicas did not reach equal states", stop);
    }

    /// <summary>Whether all replicas of every partition hold equal states now.</summary>
    public async Task<bool> AreEqualAsync(CancellationToken stop) =>
        await StatusAsync(digests: true, stop) is { } status && AllEqual(status);

    public async ValueTask DisposeAsync()
    {
        await Small.DisposeAsync();
        await Large.DisposeAsync();
        _admins.Dispose();
    }

    private bool AllEqual(IReadOnlyList<NodeStatus> status)
    {
        // No digest must not pass for an equal one: every node answers for every partition it owns.
        var expected = _cluster.Shape.Partitions * _cluster.Shape.Replication;
        var replicas = status.SelectMany(static node => node.Partitions).ToList();
        return replicas.Count == expected && replicas.All(static one => !one.Digest.IsEmpty) && Digests.Differing(status).Count == 0;
    }

    private async Task<TimeSpan> UntilAsync(
        Stopwatch clock, Func<IReadOnlyList<NodeStatus>, bool> reached, bool digests, string otherwise, CancellationToken stop)
    {
        while (clock.Elapsed < Patience)
        {
            if (await StatusAsync(digests, stop) is { } status && reached(status)) return clock.Elapsed;
            await Task.Delay(Poll, stop);
        }

        throw new CliException($"{otherwise} within {Patience.TotalSeconds:0} s");
    }

    // What every node says of itself; null where not all of them answer.
    private async Task<IReadOnlyList<NodeStatus>?> StatusAsync(bool digests, CancellationToken stop)
    {
        var answers = await _admins.AskAllAsync((_, admin) => admin.StatusAsync(digests, stop));
        return answers.All(static answer => answer.Value is not null) ? [.. answers.Select(static answer => answer.Value!)] : null;
    }

    private static NodeList Ids(IEnumerable<NodeAddress> nodes) => new(nodes.Select(static node => node.Id));

    private static string Name(IReadOnlyList<NodeAddress> nodes) =>
        $"{(nodes.Count == 1 ? "node" : "nodes")} {string.Join(", ", nodes.Select(static node => node.Id))}";
}

using System.Net;
using System.Security.Cryptography.X509Certificates;
using Gossipdb.Client;

namespace Gossipdb.LocalCluster;

/// <summary>
/// A cluster of node processes on this machine: what <c>up</c> and <c>demo</c> run, and tests and benchmarks too. Nodes are numbered
/// from 1. Disposing it stops every node.
/// </summary>
public sealed class GossipdbCluster : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(10);

    // A node that has run this long started well: its next death is a new trouble, not more of the old one.
    private static readonly TimeSpan GoodRun = TimeSpan.FromSeconds(30);
    private const int MaxRestartsInARow = 8;

    private readonly LocalClusterOptions _options;
    private readonly ClusterDirectory _directory;
    private readonly List<NodeAddress> _nodes;
    private readonly List<NodeProcess?> _processes;

    // Nodes above this one were not there when the cluster was founded.
    private readonly int _founders;
    private readonly CancellationTokenSource _stopping = new();
    private readonly HttpClient _http;
    private readonly List<Task> _guards = [];

    private GossipdbCluster(
        LocalClusterOptions options, ClusterDirectory directory, IReadOnlyList<NodeAddress> nodes, ClusterCertificates? certificates)
    {
        Certificates = certificates;
        _http = new HttpClient(HandlerOf(certificates)) { Timeout = TimeSpan.FromSeconds(2) };
        _options = options;
        _directory = directory;
        _nodes = [.. nodes];
        _processes = [.. new NodeProcess?[nodes.Count]];
        _founders = directory.Founders;
    }

    /// <summary>Where each node listens, in the order of their numbers.</summary>
    public IReadOnlyList<NodeAddress> Nodes => _nodes;

    /// <summary>Where the nodes keep their data.</summary>
    public string DataDirectory => _directory.Path;

    /// <summary>What its nodes speak TLS with; null where they speak plain.</summary>
    public ClusterCertificates? Certificates { get; }

    /// <summary>How the operator reaches its nodes: a client's options, with all endpoints.</summary>
    public GossipdbOptions ClientOptions => new() { Endpoints = [.. Nodes.Select(static node => node.Endpoint)], Tls = Certificates?.Tls };

    /// <summary>What the cluster is made with.</summary>
    public ClusterShape Shape => _directory.Shape;

    /// <summary>Every client endpoint, separated by commas.</summary>
    public string Endpoints => string.Join(',', Nodes.Select(static node => node.Endpoint));

    /// <summary>Starts the processes, without waiting for them to be ready.</summary>
    /// <exception cref="LocalClusterException">A port or the data directory cannot be had; no process was started.</exception>
    public static GossipdbCluster Start(LocalClusterOptions options)
    {
        var directory = ClusterDirectory.Open(options.DataDirectory, options.ShapeOn, options.Clean);
        try
        {
            var count = directory.Shape.Nodes;
            var nodes = options.BasePort is { } port ? ClusterAddresses.At(port, count) : ClusterAddresses.Free(count);
            var isSecure = options.Secure || ClusterCertificates.FindAuthority(directory.Path) is not null;
            var certificates = isSecure ? ClusterCertificates.In(directory.Path) : null;
            var cluster = new GossipdbCluster(
                options, directory, [.. nodes.Select(node => node with { IsSecure = isSecure })], certificates);
            foreach (var node in cluster.Nodes) cluster.Launch(node);
            if (options.Restart) cluster._guards.AddRange(nodes.Select(node => cluster.GuardAsync(node.Id)));
            return cluster;
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Starts a cluster and waits until every node serves.</summary>
    /// <exception cref="LocalClusterException">It could not be started, or some node is not ready in time; none is left
    /// running.</exception>
    public static async Task<GossipdbCluster> StartReadyAsync(LocalClusterOptions options, CancellationToken stop = default)
    {
        var cluster = Start(options);
        try
        {
            await cluster.WaitReadyAsync(stop);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The id of a node's process.</summary>
    public int ProcessIdOf(int node) => Running(node).Id;

    /// <summary>How a node's process has ended, with the last it said; null while it runs.</summary>
    public string? EndOf(int node) =>
        Running(node) is { HasExited: true } process ? $"node {node} ended with code {process.ExitCode}: {Troubleshooting(node)}" : null;

    /// <summary>Waits until every node serves, as long as the nodes make progress.</summary>
    /// <exception cref="LocalClusterException">Some node ended, makes no progress any more, or takes too long.</exception>
    public async Task WaitReadyAsync(CancellationToken stop = default)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var progress = NewProgress();
        var waiting = Nodes.Select(node => WaitReadyAsync(node.Id, progress, giveUp.Token)).ToList();
        try
        {
            // The first that fails is the reason: the others are not waited for.
            while (waiting.Count > 0)
            {
                var done = await Task.WhenAny(waiting);
                waiting.Remove(done);
                await done;
            }
        }
        finally
        {
            await giveUp.CancelAsync();
            await Task.WhenAll(waiting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Waits until one node serves, as long as it makes progress.</summary>
    /// <exception cref="LocalClusterException">It ended, makes no progress any more, or takes too long.</exception>
    public Task WaitReadyAsync(int node, CancellationToken stop = default) => WaitReadyAsync(node, NewProgress(), stop);

    private StartProgress NewProgress() =>
        new(_options.StuckAfter, _options.ReadyWithin, _options.TellEvery, _options.Report, static () => Environment.TickCount64);

    private async Task WaitReadyAsync(int node, StartProgress progress, CancellationToken stop)
    {
        var address = Nodes[node - 1];
        while (true)
        {
            var process = Running(node);
            var (ready, answer) = await AskReadyAsync(address, stop);
            if (ready)
            {
                progress.Ready(node);
                return;
            }

            if (!_options.Restart && process.HasExited)
                throw new LocalClusterException(
                    $"node {node} ended with code {process.ExitCode} before it was ready", Troubleshooting(node));
            var sight = new StartProgress.Sight(
                process.Id, answer, LogTail.BytesOf(LogOf(node)), answer is null ? process.ProcessorSteps : 0);
            var verdict = progress.Note(node, sight);
            if (verdict != StartProgress.Verdict.Waiting) throw GivenUp(node, verdict, answer);
            await Task.Delay(PollInterval, stop);
        }
    }

    private LocalClusterException GivenUp(int node, StartProgress.Verdict verdict, string? answer)
    {
        var why = verdict == StartProgress.Verdict.OutOfTime
            ? $"after {_options.ReadyWithin.TotalSeconds:0} s"
            : $"and has made no progress for {_options.StuckAfter.TotalSeconds:0} s";
        return new LocalClusterException($"node {node} is not ready {why}: {answer ?? "it does not answer"}", Troubleshooting(node));
    }

    /// <summary>
    /// Ends a node at once, as <c>kill -9</c> does. It stays down until <see cref="RestartAsync"/>, unless nodes are started again by
    /// themselves.
    /// </summary>
    public async Task KillAsync(int node)
    {
        var process = Running(node);
        process.Kill();
        await process.WaitAsync(CancellationToken.None);
    }

    /// <summary>Starts a node again that has ended, gives it the cuts the others hold towards it, and waits until it serves.</summary>
    public async Task RestartAsync(int node, CancellationToken stop = default)
    {
        if (!Running(node).HasExited) throw new InvalidOperationException($"node {node} is running");
        Launch(Nodes[node - 1]);
        await RestoreCutsAsync(node, stop);
        await WaitReadyAsync(node, stop);
    }

    /// <summary>Starts one more node and makes it part of the cluster. Partitions move to it from then on.</summary>
    /// <exception cref="LocalClusterException">It does not start, or is not taken.</exception>
    public async Task<NodeAddress> AddNodeAsync(CancellationToken stop = default)
    {
        var address = await StartNodeAsync(stop);
        await JoinAsync(address, stop);
        return address;
    }

    /// <summary>Starts one more node, which holds nothing until the layout names it.</summary>
    /// <exception cref="LocalClusterException">It does not start.</exception>
    public async Task<NodeAddress> StartNodeAsync(CancellationToken stop = default)
    {
        var address = ClusterAddresses.Next(_nodes) with { IsSecure = Certificates is not null };
        _nodes.Add(address);
        _processes.Add(null);
        _directory.Grow(_nodes.Count);
        Launch(address);
        await WaitReadyAsync(address.Id, stop);
        return address;
    }

    /// <summary>Makes every node part of the layout that is not: those that the data directory was not made with.</summary>
    public async Task JoinAllAsync(CancellationToken stop = default)
    {
        foreach (var address in _nodes.Skip(_founders)) await JoinAsync(address, stop);
    }

    private async Task JoinAsync(NodeAddress address, CancellationToken stop)
    {
        using var admin = AdminOf(1);
        var layout = await admin.LayoutAsync(stop);
        if (layout.Members.Any(member => member.Id == address.Id)) return;
        await admin.StageAddAsync(new LayoutMember
        {
            Id = address.Id,
            PeerHost = ClusterAddresses.Host,
            PeerPort = address.PeerPort,
            ClientEndpoint = address.Endpoint,
        }, stop);
        await admin.ApplyLayoutAsync(cancellation: stop);
        _options.Report($"node {address.Id} is part of the cluster now; partitions move to it ('gossipdb status')");
    }

    /// <summary>Stops every node, and kills those that take too long.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_guards);
        await Task.WhenAll(_processes.OfType<NodeProcess>().Select(StopAsync));
        _http.Dispose();
        _stopping.Dispose();
        _directory.Dispose();
    }

    private NodeProcess Running(int node) =>
        _processes[node - 1] ?? throw new InvalidOperationException($"node {node} was never started");

    private void Launch(NodeAddress node)
    {
        var config = _directory.ConfigOf(node.Id);
        var settings = _options.Settings.Concat(_options.SettingsOfNode.GetValueOrDefault(node.Id) ?? []);
        if (Certificates is not null) settings = Certificates.SettingsOf(node.Id).Concat(settings);
        var secret = _options.Secret ? _directory.Secret() : null;
        File.WriteAllText(
            config, NodeConfig.Text(node, Nodes, Shape, _directory.DataOf(node.Id), joins: node.Id > _founders, secret, settings));
        _processes[node.Id - 1]?.Dispose();
        _processes[node.Id - 1] = NodeProcess.Start(node, _options.Command, config);
    }

    private async Task StopAsync(NodeProcess process)
    {
        if (!process.HasExited && !await process.StopAsync(_options.StopWithin))
            _options.Report($"node {process.Address.Id} did not stop within {_options.StopWithin.TotalSeconds:0} s and was killed");
        process.Dispose();
    }

    private async Task<(bool Ready, string? Answer)> AskReadyAsync(NodeAddress node, CancellationToken stop)
    {
        try
        {
            using var answer = await _http.GetAsync(node.HealthUrl, stop);
            if (answer.StatusCode == HttpStatusCode.OK) return (true, "");
            var text = await answer.Content.ReadAsStringAsync(stop);
            return (false, text.Length > 0 ? text.Trim() : answer.StatusCode.ToString());
        }
        catch (HttpRequestException)
        {
            return (false, null);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (false, null);
        }
    }

    // Keeps one node running: starts it again when it ends untold, each time after a longer pause, and gives up where that does not help.
    private async Task GuardAsync(int node)
    {
        var restarts = 0;
        try
        {
            while (true)
            {
                var process = Running(node);
                await process.WaitAsync(_stopping.Token);
                restarts = process.Uptime > GoodRun ? 1 : restarts + 1;
                if (restarts > MaxRestartsInARow)
                {
                    _options.Report($"node {node} ended {restarts} times in a row and is left down; the last it said: "
                        + $"{process.LastLines.LastOrDefault()}");
                    return;
                }

                var pause = Backoff(restarts);
                _options.Report($"node {node} (process {process.Id}) ended with code {process.ExitCode}; starting it again in "
                    + $"{pause.TotalSeconds:0.#} s");
                await Task.Delay(pause, _stopping.Token);
                Launch(Nodes[node - 1]);
                await RestoreCutsAsync(node, _stopping.Token);
                _options.Report($"node {node} is process {Running(node).Id} now");
            }
        }
        catch (OperationCanceledException)
        {
            // The cluster is being stopped.
        }
    }

    private static TimeSpan Backoff(int restarts) =>
        TimeSpan.FromSeconds(Math.Min(LongestBackoff.TotalSeconds, 0.5 * Math.Pow(2, restarts - 1)));

    /// <summary>The cuts a restarted node must hold: a link is cut from both of its ends, so those nodes that are cut from it.</summary>
    internal static IReadOnlyList<int> MirrorOf(int restarted, IEnumerable<(int Node, IReadOnlyList<int> Cuts)> others) =>
        [.. others.Where(other => other.Node != restarted && other.Cuts.Contains(restarted)).Select(static other => other.Node).Order()];

    // A node forgets its cuts with its process; the nodes on the other side of the cut still hold theirs.
    private async Task RestoreCutsAsync(int node, CancellationToken stop)
    {
        var others = await Task.WhenAll(Nodes.Where(other => other.Id != node).Select(other => CutsOfAsync(other, stop)));
        var cuts = MirrorOf(node, others);
        if (cuts.Count == 0) return;

        // For as long as it takes to start.
        while (!Running(node).HasExited)
        {
            try
            {
                using var admin = AdminOf(node, TimeSpan.FromSeconds(2));
                await admin.SetCutsAsync(cuts, stop);
                _options.Report($"node {node} is cut from {string.Join(", ", cuts)} again");
                return;
            }
            catch (GossipdbException)
            {
                await Task.Delay(PollInterval, stop);
            }
        }
    }

    private async Task<(int Node, IReadOnlyList<int> Cuts)> CutsOfAsync(NodeAddress node, CancellationToken stop)
    {
        try
        {
            using var admin = AdminOf(node.Id, TimeSpan.FromSeconds(2));
            return (node.Id, (await admin.StatusAsync(cancellation: stop)).Cuts);
        }
        catch (GossipdbException)
        {
            return (node.Id, []); // it is down: it holds no cut
        }
    }

    /// <summary>The operator's view of a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="timeout">How long an answer may take.</param>
    public GossipdbAdmin AdminOf(int node, TimeSpan? timeout = null) => new(
        Nodes[node - 1].Endpoint,
        new GossipdbOptions { Timeout = timeout ?? TimeSpan.FromSeconds(5), Tls = Certificates?.Tls });

    private static SocketsHttpHandler HandlerOf(ClusterCertificates? certificates)
    {
        var handler = new SocketsHttpHandler();
        if (certificates is null) return handler;
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(certificates.AuthorityFile);
        return handler;
    }

    private string Troubleshooting(int node)
    {
        var lines = Running(node).LastLines;
        return lines.Count > 0 ? string.Join('\n', lines) : LogTail.Of(LogOf(node));
    }

    private string LogOf(int node) => Path.Combine(_directory.DataOf(node), "log");
}

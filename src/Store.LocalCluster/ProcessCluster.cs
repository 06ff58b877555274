using System.Net;
using Gossipdb.Client;

namespace Gossipdb.LocalCluster;

/// <summary>
/// A cluster of node processes on this machine: what <c>up</c> and <c>demo</c> run, and tests and benchmarks too. Nodes are numbered
/// from 1. Disposing it stops every node.
/// </summary>
public sealed partial class ProcessCluster : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private readonly LocalClusterOptions _options;
    private readonly ClusterDirectory _directory;
    private readonly SemaphoreSlim _adding = new(1, 1);
    private volatile ClusterNode[] _nodes;
    private int _isDisposed;

    // Nodes above this one were not there when the cluster was founded.
    private readonly int _founders;
    private readonly CancellationTokenSource _stopping = new();
    private readonly HttpClient _http;
    private readonly List<Task> _guards = [];

    private ProcessCluster(
        LocalClusterOptions options, ClusterDirectory directory, IReadOnlyList<NodeAddress> nodes, ClusterCertificates? certificates)
    {
        Certificates = certificates;
        _http = new HttpClient(certificates?.Handler() ?? new SocketsHttpHandler()) { Timeout = TimeSpan.FromSeconds(2) };
        _options = options;
        _directory = directory;
        _nodes = [.. nodes.Select(static node => new ClusterNode(node))];
        _founders = directory.Founders;
    }

    /// <summary>Where each node listens, in the order of their numbers.</summary>
    public IReadOnlyList<NodeAddress> Nodes => [.. _nodes.Select(static node => node.Address)];

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
    public static ProcessCluster Start(LocalClusterOptions options)
    {
        var directory = ClusterDirectory.Open(options.DataDirectory, options.ShapeOn, options.Clean);
        try
        {
            var count = directory.Shape.Nodes;
            var nodes = options.BasePort is { } port ? ClusterAddresses.At(port, count) : ClusterAddresses.Free(count);
            var isSecure = options.Secure || ClusterCertificates.FindAuthority(directory.Path) is not null;
            var certificates = isSecure ? ClusterCertificates.In(directory.Path) : null;
            var cluster = new ProcessCluster(
                options, directory, [.. nodes.Select(node => node with { IsSecure = isSecure })], certificates);
            foreach (var node in cluster._nodes)
            {
                cluster.Launch(node);
                node.KnowsFaults = true; // there are none
                cluster.Guard(node);
            }

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
    public static async Task<ProcessCluster> StartReadyAsync(LocalClusterOptions options, CancellationToken stop = default)
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
    public int ProcessIdOf(int node) => Of(node).Process.Id;

    /// <summary>How a node's process has ended, with the last it said; null while it runs.</summary>
    public string? EndOf(int node) =>
        Of(node).Process is { HasExited: true } process ? $"node {node} ended with code {process.ExitCode}: {Troubleshooting(node)}" : null;

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

    private StartProgress NewProgress() => new(
        _options.StuckAfterOf(_nodes.Length), _options.ReadyWithin, _options.TellEvery, _options.Report,
        static () => Environment.TickCount64);

    private async Task WaitReadyAsync(int node, StartProgress progress, CancellationToken stop)
    {
        var address = Nodes[node - 1];
        while (true)
        {
            var process = Of(node).Process;
            var (ready, answer) = await AskReadyAsync(address, stop);
            if (ready)
            {
                progress.Ready(node);
                return;
            }

            if (process.HasExited && (!_options.Restart || Of(node).DownByOrder is not null))
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
            : $"and has made no progress for {_options.StuckAfterOf(_nodes.Length).TotalSeconds:0} s";
        return new LocalClusterException($"node {node} is not ready {why}: {answer ?? "it does not answer"}", Troubleshooting(node));
    }

    /// <summary>Starts one more node and makes it part of the cluster. Partitions move to it from then on.</summary>
    /// <exception cref="LocalClusterException">It does not start, or is not taken.</exception>
    public async Task<NodeAddress> AddNodeAsync(CancellationToken stop = default)
    {
        var address = await StartNewNodeAsync(stop);
        await JoinAsync(address, stop);
        return address;
    }

    /// <inheritdoc/>
    public async Task<NodeAddress> StartNewNodeAsync(CancellationToken stop = default)
    {
        ClusterNode node;
        await _adding.WaitAsync(stop);
        try
        {
            node = new ClusterNode(ClusterAddresses.Next(Nodes) with { IsSecure = Certificates is not null });
            _directory.Grow(node.Address.Id);
            Launch(node);
            _nodes = [.. _nodes, node];
            Guard(node);
        }
        finally
        {
            _adding.Release();
        }

        await TellFaultsAsync(node, stop);
        await WaitReadyAsync(node.Address.Id, stop);
        return node.Address;
    }

    /// <summary>Makes every node part of the layout that is not: those that the data directory was not made with.</summary>
    public async Task JoinAllAsync(CancellationToken stop = default)
    {
        foreach (var address in Nodes.Skip(_founders)) await JoinAsync(address, stop);
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
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        await _stopping.CancelAsync();
        await Task.WhenAll(_guards);
        await Task.WhenAll(_nodes.Select(EndAsync));
        _http.Dispose();
        _stopping.Dispose();
        _directory.Dispose();
    }

    private ClusterNode Of(int node) => node >= 1 && node <= _nodes.Length
        ? _nodes[node - 1]
        : throw new LocalClusterException(
            $"there is no node {node}; the nodes are {string.Join(", ", _nodes.Select(static one => one.Address.Id))}");

    private void Launch(ClusterNode node)
    {
        var id = node.Address.Id;
        var config = _directory.ConfigOf(id);
        var settings = _options.Settings.Concat(_options.SettingsOfNode.GetValueOrDefault(id) ?? []);
        if (Certificates is not null) settings = Certificates.SettingsOf(id).Concat(settings);
        var secret = _options.Secret ? _directory.Secret() : null;
        var nodes = id <= _nodes.Length ? Nodes : [.. Nodes, node.Address];
        File.WriteAllText(
            config,
            NodeConfig.Text(node.Address, nodes, Shape, _directory, id > _founders, secret, _options.TakesOrders, settings));
        node.Take(NodeProcess.Start(node.Address, _options.Command, config));
    }

    private async Task EndAsync(ClusterNode node)
    {
        await node.ResumeAsync();
        if (!node.Process.HasExited) await StopProcessAsync(node);
        node.Process.Dispose();
    }

    private async Task StopProcessAsync(ClusterNode node)
    {
        if (!await node.Process.StopAsync(_options.StopWithin))
            _options.Report($"node {node.Address.Id} did not stop within {_options.StopWithin.TotalSeconds:0} s and was killed");
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

    /// <summary>The operator's view of a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="timeout">How long an answer may take.</param>
    public GossipdbAdmin AdminOf(int node, TimeSpan? timeout = null) => new(
        Nodes[node - 1].Endpoint,
        new GossipdbOptions { Timeout = timeout ?? TimeSpan.FromSeconds(5), Tls = Certificates?.Tls });

    private string Troubleshooting(int node)
    {
        var lines = Of(node).Process.LastLines;
        return lines.Count > 0 ? string.Join('\n', lines) : LogTail.Of(LogOf(node));
    }

    private string LogOf(int node) => Path.Combine(_directory.DataOf(node), "log");
}

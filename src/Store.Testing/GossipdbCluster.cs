using System.Diagnostics;
using System.Runtime.CompilerServices;
using Gossipdb.Checking.History;
using Gossipdb.Client;
using Gossipdb.Lab.Faults;
using Gossipdb.LocalCluster;

namespace Gossipdb.Testing;

/// <summary>
/// A Gossipdb cluster for tests: real nodes, each a process of its own on this machine, on free ports of the loopback and in a temporary
/// directory. They go with this object, and with this process however that ends. Nodes are numbered from 1.
/// <code>
/// await using var cluster = await GossipdbCluster.StartAsync(nodes: 3);
/// await cluster.Client.Counter("visits").IncrementAsync();
/// await cluster.CutAsync("1 / 2,3");
/// </code>
/// Any thread may call it. Faults are carried out one after the other.
/// </summary>
public sealed class GossipdbCluster : IAsyncDisposable
{
    private static readonly TimeSpan LongestConvergence = TimeSpan.FromSeconds(30);

    private readonly GossipdbClusterOptions _options;
    private readonly TestDirectory _directory;
    private readonly ProcessCluster _processes;
    private readonly ClientPool _clients;
    private readonly FaultInjector _faults;
    private readonly ClusterSight _sight;
    private readonly Lock _gate = new();
    private readonly List<CallHistory> _histories = [];
    private long _mended = Stopwatch.GetTimestamp();
    private volatile bool _isWhole = true;
    private int _isDisposed;

    private GossipdbCluster(GossipdbClusterOptions options, TestDirectory directory, ProcessCluster processes)
    {
        (_options, _directory, _processes) = (options, directory, processes);
        _clients = new ClientPool(processes);
        _faults = new FaultInjector(AdminTarget.Of(processes));
        _sight = new ClusterSight(processes);
    }

    /// <summary>The nodes there are, whether they run or not.</summary>
    public IReadOnlyList<int> Nodes => [.. _processes.Nodes.Select(static node => node.Id)];

    /// <summary>Where clients reach the nodes, separated by commas: what an application is configured with.</summary>
    public string Endpoints => _processes.Endpoints;

    /// <summary>Where the nodes keep data, settings and logs.</summary>
    public string DataDirectory => _directory.FullPath;

    /// <summary>A client of all nodes, as an application would have it. It goes with the cluster.</summary>
    public GossipdbClient Client => _clients.OfAll();

    /// <summary>Starts a cluster, and waits until every node serves and hears every other.</summary>
    /// <param name="nodes">How many nodes, 1 to 99. Each key is on three of them, or on as many as there are.</param>
    /// <param name="cancellation">Gives up; nothing is left running.</param>
    /// <exception cref="GossipdbClusterException">It does not start; the message has what a node said last.</exception>
    public static Task<GossipdbCluster> StartAsync(int nodes = 1, CancellationToken cancellation = default) =>
        StartAsync(new GossipdbClusterOptions { Nodes = nodes }, cancellation);

    /// <summary>The same, with more to choose.</summary>
    /// <param name="options">What cluster it is to be.</param>
    /// <param name="cancellation">Gives up; nothing is left running.</param>
    /// <exception cref="ArgumentException">An option makes no sense; the message names it.</exception>
    /// <exception cref="GossipdbClusterException">It does not start; the message has what a node said last.</exception>
    [OverloadResolutionPriority(1)] // new() { Nodes = 3 } could be an int's
    public static async Task<GossipdbCluster> StartAsync(GossipdbClusterOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Nodes is < 1 or > LocalClusterOptions.MaxNodes)
            throw new ArgumentOutOfRangeException(nameof(options), options.Nodes, $"Nodes is from 1 to {LocalClusterOptions.MaxNodes}");
        if (options.Partitions is < 1 or > 4096)
            throw new ArgumentOutOfRangeException(nameof(options), options.Partitions, "Partitions is from 1 to 4096");
        if (options.Replication is { } copies && (copies < 1 || copies > options.Nodes))
            throw new ArgumentOutOfRangeException(nameof(options), copies, $"Replication is from 1 to the {options.Nodes} of Nodes");
        var command = options.NodeCommand ?? NodeProgram.Find();
        var directory = TestDirectory.Make(options.DataDirectory);
        ProcessCluster? processes = null;
        try
        {
            processes = await ProcessCluster.StartReadyAsync(LocalOptions(options, command, directory.FullPath), cancellation)
                .ConfigureAwait(false);
            var cluster = new GossipdbCluster(options, directory, processes);
            await cluster._sight.WaitHeardAsync(FaultSet.None, "every node hears every other", options.Timeout, cancellation)
                .ConfigureAwait(false);
            return cluster;
        }
        catch (Exception problem)
        {
            if (processes is not null) await processes.DisposeAsync().ConfigureAwait(false);
            directory.Dispose();
            if (problem is LocalClusterException local) throw Told(local);
            throw;
        }
    }

    /// <summary>
    /// A client that stays on one node: on that node's side of a cut, and without an answer while the node is down. It goes with the
    /// cluster.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such node.</exception>
    public GossipdbClient ClientOf(int node) => _clients.Of(Known(node));

    /// <summary>A further client, with a connection, a session and a name of its own. It goes with the cluster.</summary>
    /// <param name="name">What histories call it: "till 2".</param>
    /// <param name="node">The node it stays on; null: it goes to any.</param>
    /// <param name="configure">Changes its options; null leaves them.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such node.</exception>
    public GossipdbClient NewClient(string name, int? node = null, Action<GossipdbOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return _clients.Make(name, node is { } one ? Known(one) : null, configure);
    }

    /// <summary>Cuts the network between groups of nodes, and waits until both sides have noticed. It takes the place of all cuts
    /// before. Clients are never cut off: <see cref="ClientOf"/> is on the side of its node.</summary>
    /// <param name="sides">The groups: "1 / 2,3" both ways, "1 -> 2,3" one way; "--every 2s --for 500ms" behind it comes and goes.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="FormatException">The words make no sense; the message says which.</exception>
    /// <exception cref="GossipdbClusterException">It could not be brought about.</exception>
    public Task CutAsync(string sides, CancellationToken cancellation = default) => FaultAsync($"cut {sides}", cancellation);

    /// <summary>Makes links slow, lossy or narrow. Other links stay as they are.</summary>
    /// <param name="link">The links and what is wrong with them: "1 / 2 --delay 80ms --jitter 20ms", "1 / 2,3 --loss 2%",
    /// "1 -> 2 --rate 1mb".</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="FormatException">The words make no sense; the message says which.</exception>
    /// <exception cref="GossipdbClusterException">It could not be brought about.</exception>
    public Task LinkAsync(string link, CancellationToken cancellation = default) => FaultAsync($"link {link}", cancellation);

    /// <summary>
    /// Mends everything: links, clocks and disks; paused nodes go on, and those that are down are started. Waits until every node serves
    /// and hears every other. What they missed they may still be sending each other: see <see cref="WaitConvergedAsync"/>.
    /// </summary>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="GossipdbClusterException">It could not be mended in time; the message says who does not hear whom.</exception>
    public Task HealAsync(CancellationToken cancellation = default) => FaultAsync("heal", cancellation);

    /// <summary>Ends a node at once, as <c>kill -9</c> does. Its data stays, and it stays down until it is started.</summary>
    /// <param name="node">The node.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such node.</exception>
    /// <exception cref="GossipdbClusterException">It could not be done.</exception>
    public Task KillAsync(int node, CancellationToken cancellation = default) => FaultAsync($"kill {Known(node)}", cancellation);

    /// <summary>Lets a node stand still, as SIGSTOP does: its connections stay open, and nothing answers. Not on Windows.</summary>
    /// <param name="node">The node.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such node.</exception>
    /// <exception cref="GossipdbClusterException">It does not run, or this system has no such signal.</exception>
    public Task PauseAsync(int node, CancellationToken cancellation = default) => FaultAsync($"pause {Known(node)}", cancellation);

    /// <summary>Lets a paused node go on, and waits until it serves.</summary>
    /// <param name="node">The node.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such node.</exception>
    /// <exception cref="GossipdbClusterException">It is not paused.</exception>
    public Task ResumeAsync(int node, CancellationToken cancellation = default) => FaultAsync($"resume {Known(node)}", cancellation);

    /// <summary>Starts a node that was killed, on its data, and waits until it serves.</summary>
    /// <param name="node">The node.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such node.</exception>
    /// <exception cref="GossipdbClusterException">It is not down, or does not start.</exception>
    public Task StartNodeAsync(int node, CancellationToken cancellation = default) => FaultAsync($"start {Known(node)}", cancellation);

    /// <summary>
    /// Brings about any fault, in the words of <c>gossipdb fault</c> and of scenarios (<c>docs/faults.md</c>): "clock 2 +30s",
    /// "disk 3 --slow 50ms", "stop 2", "wipe 2", "add". Waits as the methods for single faults do.
    /// </summary>
    /// <param name="words">The fault.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="FormatException">The words make no sense; the message says which.</exception>
    /// <exception cref="GossipdbClusterException">It could not be brought about.</exception>
    public async Task FaultAsync(string words, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(words);
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        var command = FaultCommand.Parse(words, new FaultScope { Nodes = Nodes });
        _isWhole = false;
        var begun = Stopwatch.GetTimestamp();
        long? inForce = null;
        try
        {
            await _faults.ApplyAsync(command, cancellation).ConfigureAwait(false);
            await SettleAsync(command, cancellation).ConfigureAwait(false);
            inForce = Stopwatch.GetTimestamp();
            if (command is HealCommand { Sides: null }) (_mended, _isWhole) = (inForce.Value, true);
        }
        catch (Exception problem) when (problem is FaultException or LocalClusterException)
        {
            throw problem is LocalClusterException local ? Told(local) : new GossipdbClusterException(problem.Message, problem);
        }
        finally
        {
            foreach (var history in Histories())
                history.Log.Note(new FaultRecord
                {
                    At = history.Log.Instant(begun),
                    InForce = inForce is { } instant ? history.Log.Instant(instant) : null,
                    Fault = command.ToString(),
                });
        }
    }

    /// <summary>
    /// Waits until all replicas of every key hold equal states. What they hold then is what open histories know to be left in the end:
    /// stop writing before.
    /// </summary>
    /// <param name="timeout">How long it may take; null: 30 seconds.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="GossipdbClusterException">
    /// A node is down or paused, so that nobody knows what it holds; or they do not converge in time: the message says who does not hear
    /// whom, and which partitions differ.
    /// </exception>
    public async Task WaitConvergedAsync(TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        if (_processes.Processes.FirstOrDefault(static one => !one.IsRunning) is { } silent)
            throw new GossipdbClusterException(
                $"node {silent.Node} is {(silent.IsDown ? "down" : "paused")}: nobody knows what it holds. HealAsync mends everything");
        await _sight.WaitConvergedAsync(timeout ?? LongestConvergence, cancellation).ConfigureAwait(false);
        var histories = Histories();
        if (histories.Count == 0) return;
        try
        {
            await FinalStates.ReadAsync(_processes, histories, cancellation).ConfigureAwait(false);
        }
        catch (GossipdbException unread)
        {
            throw new GossipdbClusterException($"what the nodes hold could not be read: {unread.Message}", unread);
        }

        foreach (var history in histories)
            history.Log.Note(new ConvergedRecord { At = history.Log.Now, Since = Math.Max(0, history.Log.Instant(_mended)) });
    }

    /// <summary>Records from now on what some clients do.</summary>
    /// <param name="clients">The clients, which this cluster made. None: every client of the cluster, later ones too.</param>
    /// <returns>The history, until it is disposed of.</returns>
    /// <exception cref="ArgumentException">The cluster did not make the client.</exception>
    public CallHistory HistoryOf(params GossipdbClient[] clients)
    {
        ArgumentNullException.ThrowIfNull(clients);
        var shape = _processes.Shape;
        var history = new CallHistory(
            new RunRecord
            {
                Name = "test",
                Started = DateTimeOffset.UtcNow,
                Nodes = [.. Nodes.Select(static node => new RunNode(node))],
                Replication = shape.Replication,
                Partitions = shape.Partitions,
            },
            Close);
        _clients.Attach(history.Log, clients);
        lock (_gate) _histories.Add(history);
        return history;
    }

    /// <summary>Ends every node, closes the clients, and deletes the data unless it was to stay.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        await _clients.DisposeAsync().ConfigureAwait(false);
        _sight.Dispose();
        await _processes.DisposeAsync().ConfigureAwait(false);
        _directory.Dispose();
    }

    /// <summary>Mends what was broken since it was whole last.</summary>
    internal Task MendAsync() => _isWhole ? Task.CompletedTask : HealAsync();

    private async Task SettleAsync(FaultCommand command, CancellationToken cancellation)
    {
        if (command is ProcessCommand { Order: NodeOrder.Start or NodeOrder.Resume } order)
            foreach (var node in order.Nodes) await _processes.WaitReadyAsync(node, cancellation).ConfigureAwait(false);
        if (command is HealCommand { Sides: null }) await _processes.WaitReadyAsync(cancellation).ConfigureAwait(false);
        if (command is not (CutCommand or HealCommand)) return;
        var faults = (await _faults.InForceAsync(cancellation).ConfigureAwait(false)).Faults;
        await _sight.WaitHeardAsync(faults, $"every node has noticed '{command}'", _options.Timeout, cancellation).ConfigureAwait(false);
    }

    private List<CallHistory> Histories()
    {
        lock (_gate) return [.. _histories];
    }

    private void Close(CallHistory history)
    {
        lock (_gate) _histories.Remove(history);
        _clients.Detach(history.Log);
    }

    private int Known(int node) => Nodes.Contains(node)
        ? node
        : throw new ArgumentOutOfRangeException(nameof(node), node, $"there is no such node; the nodes are {string.Join(", ", Nodes)}");

    private static GossipdbClusterException Told(LocalClusterException problem) =>
        new(problem.Detail is null ? problem.Message : $"{problem.Message}\n{problem.Detail}", problem);

    private static LocalClusterOptions LocalOptions(GossipdbClusterOptions options, IReadOnlyList<string> command, string data) => new()
    {
        DataDirectory = data,
        Nodes = options.Nodes,
        Replication = options.Replication,
        Partitions = options.Partitions,
        Settings = options.Settings,
        Secure = options.Secure,
        Command = command,
        Clean = true,
        StuckAfter = options.Timeout,
        Report = options.Output ?? (static _ => { }),

        // Nobody reads their data again: they need not write the end of it.
        StopWithin = TimeSpan.Zero,
    };
}

using System.Globalization;
using Gossipdb.Client;
using Gossipdb.Lab.Faults;
using Gossipdb.Lab.Scenarios;
using Gossipdb.LocalCluster;
using Gossipdb.LocalCluster.Control;

namespace Gossipdb.Lab.Running;

/// <summary>
/// Runs scenarios in a local cluster that goes on afterwards, one at a time, for whoever asks. Disposing it ends the run that goes on, and
/// waits until what that broke is mended.
/// </summary>
/// <param name="cluster">The cluster.</param>
/// <param name="runsDirectory">Where the directory of each run is made.</param>
/// <param name="version">The version of the executable, for the results.</param>
/// <param name="scenarios">What can be run; null for what comes with the laboratory.</param>
public sealed class ScenarioRunner(
    ProcessCluster cluster, string runsDirectory, string? version = null, IReadOnlyList<Scenario>? scenarios = null)
    : IScenarioRuns, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Run? _run;
    private int _runs;
    private bool _isDisposed;

    /// <summary>How long the keys of a run live after it.</summary>
    public static TimeSpan KeysLive { get; } = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public IReadOnlyList<ScenarioOffer> Offers =>
    [
        .. Scenarios.Select(one => new ScenarioOffer(one.Name, one.Title, one.Page.Trim(), one.Duration.TotalSeconds)
        {
            WhyNot = WhyNot(one),
        }),
    ];

    /// <inheritdoc/>
    public ScenarioSight? Sight
    {
        get
        {
            lock (_gate) return _run?.Log.Sight;
        }
    }

    private IReadOnlyList<Scenario> Scenarios => scenarios ?? ShippedScenarios.All;

    /// <inheritdoc/>
    public async Task BeginAsync(string scenario, string by, CancellationToken stop = default)
    {
        var wanted = Scenarios.FirstOrDefault(one => one.Name == scenario)
            ?? throw new LocalClusterException(
                $"there is no scenario '{scenario}'; there are {string.Join(", ", Scenarios.Select(static one => one.Name))}");
        if (WhyNot(wanted) is { } unfit) throw new LocalClusterException($"{scenario} cannot be run here: {unfit}");

        // The place is taken first: of two that ask at once one is refused.
        Run run;
        Run? before;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            before = _run;
            if (before is { Log.Sight.IsOver: false })
            {
                throw new LocalClusterException(
                    $"{before.By} runs {before.Scenario.Name} now: one scenario runs at a time. Wait for its end, or end it.");
            }

            _run = run = NewRun(wanted, by);
        }

        try
        {
            await RequireWholeAsync(scenario, stop).ConfigureAwait(false);
        }
        catch
        {
            lock (_gate) _run = before;
            run.Dispose();
            throw;
        }

        before?.Dispose();
        run.Ending = Task.Run(() => RunAsync(run), CancellationToken.None);
    }

    /// <inheritdoc/>
    public void End(string by)
    {
        lock (_gate)
        {
            if (_run is not { Log.Sight.IsOver: false } run) throw new LocalClusterException("no scenario runs now");
            run.EndedBy ??= by;
            run.Stop.Cancel();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Run? run;
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            run = _run;
        }

        if (run is null) return;
        await run.Stop.CancelAsync().ConfigureAwait(false);
        await run.Ending.ConfigureAwait(false);
        run.Dispose();
    }

    private string? WhyNot(Scenario scenario) => ScenarioFit.WhyNot(scenario, cluster.Nodes.Count, cluster.Shape.Replication);

    private Run NewRun(Scenario scenario, string by)
    {
        var time = DateTime.Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var (name, prefix) = ($"{scenario.Name}-{time}", $"lab:{scenario.Name}-{time}:");
        var directory = Path.GetFullPath(Path.Combine(runsDirectory, name));
        return new Run(scenario, by, new RunLog(scenario, by, ++_runs, prefix, directory), new ScenarioRunOptions
        {
            Scenario = scenario,
            Cluster = cluster,
            KeyPrefix = prefix,
            Seed = (ulong)Random.Shared.Next(1, 1_000_000),
            Directory = directory,
            Version = version,
        });
    }

    // What is broken already would be taken for a part of the experiment, and mended at its end.
    private async Task RequireWholeAsync(string scenario, CancellationToken stop)
    {
        try
        {
            var force = await new FaultInjector(AdminTarget.Of(cluster)).InForceAsync(stop).ConfigureAwait(false);
            if (!force.IsEmpty)
            {
                var words = force.Commands.Concat(force.ProcessCommands).Select(static command => command.ToString()).ToList();
                throw new LocalClusterException(
                    $"{scenario} begins with a cluster in which nothing is broken; now there is "
                    + $"{(words.Count > 0 ? string.Join(", ", words) : "a node that does not answer")}. Heal it first.");
            }

            using var admin = cluster.AdminOf(cluster.Nodes[0].Id);
            var members = (await admin.LayoutAsync(stop).ConfigureAwait(false)).Members.Count;
            if (members != cluster.Nodes.Count)
                throw new LocalClusterException($"{scenario} is about {cluster.Nodes.Count} nodes, and the layout has {members}");
        }
        catch (Exception problem) when (problem is FaultException or GossipdbException)
        {
            throw new LocalClusterException($"{scenario} cannot begin: {problem.Message}");
        }
    }

    private static async Task RunAsync(Run run)
    {
        try
        {
            var results = await LabRun.RunAsync(run.Options, run.Log, run.Stop.Token).ConfigureAwait(false);
            run.Log.Done(results, Path.Combine(run.Options.Directory, Reports.ReportWriter.Name));
        }
        catch (OperationCanceledException) when (run.Stop.IsCancellationRequested)
        {
            run.Log.Failed(run.EndedBy is { } who ? $"{who} ended it before it was done" : "the cluster is being stopped");
        }
        catch (Exception problem)
        {
            // Whatever it is, whoever looks is told, and the next run may begin.
            run.Log.Failed(problem.Message);
        }
    }

    private sealed class Run(Scenario scenario, string by, RunLog log, ScenarioRunOptions options) : IDisposable
    {
        public Scenario Scenario => scenario;

        public string By => by;

        public RunLog Log => log;

        public ScenarioRunOptions Options => options;

        public CancellationTokenSource Stop { get; } = new();

        public string? EndedBy { get; set; }

        public Task Ending { get; set; } = Task.CompletedTask;

        public void Dispose() => Stop.Dispose();
    }
}

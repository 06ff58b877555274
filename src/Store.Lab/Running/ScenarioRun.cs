using System.Globalization;
using Gossipdb.Checking.History;
using Gossipdb.Client;
using Gossipdb.Lab.Faults;
using Gossipdb.Lab.Scenarios;
using Gossipdb.Lab.Words;
using Gossipdb.LocalCluster;

namespace Gossipdb.Lab.Running;

/// <summary>
/// Runs a scenario on real processes, of a cluster that it starts or of one that runs: has the callers call while the timeline happens,
/// records everything in <c>history.jsonl</c>, waits until the replicas have converged, and reads what every node holds in the end.
/// </summary>
internal sealed class ScenarioRun
{
    private const string HistoryName = "history.jsonl";
    private static readonly CallerName Preparer = new("prepare", null, null);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private const int WarmUpRounds = 60;
    private static readonly TimeSpan SettleWithin = TimeSpan.FromSeconds(60);

    private readonly ScenarioRunOptions _options;
    private readonly IRunObserver _observer;
    private readonly ProcessCluster _cluster;
    private readonly ClusterPoll _poll;
    private readonly IFaultDriver _faults;
    private readonly RunPlace _place;

    private ScenarioRun(
        ScenarioRunOptions options, IRunObserver observer, ProcessCluster cluster, ClusterPoll poll, IFaultDriver faults)
    {
        (_options, _observer, _cluster, _poll, _faults) = (options, observer, cluster, poll, faults);
        _place = RunPlace.Of(cluster, options.KeyPrefix);
    }

    private Scenario Scenario => _options.Scenario;

    /// <summary>Runs the scenario.</summary>
    /// <returns>The path of its history.</returns>
    /// <exception cref="LocalClusterException">The cluster does not start.</exception>
    /// <exception cref="OperationCanceledException">It was stopped: what is recorded up to then stays.</exception>
    public static async Task<string> RunAsync(ScenarioRunOptions options, IRunObserver observer, CancellationToken stop)
    {
        Directory.CreateDirectory(options.Directory);
        if (options.Cluster is { } running) await RunInAsync(running, options, observer, stop).ConfigureAwait(false);
        else await RunInOwnAsync(options, observer, stop).ConfigureAwait(false);
        return Path.Combine(options.Directory, HistoryName);
    }

    private static async Task RunInOwnAsync(ScenarioRunOptions options, IRunObserver observer, CancellationToken stop)
    {
        var data = options.Keep
            ? Path.Combine(options.Directory, "cluster")
            : Directory.CreateTempSubdirectory("gossipdb-lab-").FullName;
        try
        {
            observer.Doing($"starting {options.Scenario.Cluster.Nodes} nodes");
            var cluster = await ProcessCluster.StartReadyAsync(ClusterOptions(options, observer, data), stop).ConfigureAwait(false);
            await using (cluster.ConfigureAwait(false)) await RunInAsync(cluster, options, observer, stop).ConfigureAwait(false);
        }
        finally
        {
            if (!options.Keep) Directory.Delete(data, recursive: true);
        }
    }

    private static async Task RunInAsync(
        ProcessCluster cluster, ScenarioRunOptions options, IRunObserver observer, CancellationToken stop)
    {
        using var poll = new ClusterPoll(cluster);
        var run = new ScenarioRun(options, observer, cluster, poll, new ClusterFaults(cluster, options.Scenario));
        if (options.Cluster is null) await run.PrepareZonesAsync(stop).ConfigureAwait(false);
        observer.Doing("warming up");
        await run.WarmUpAsync(stop).ConfigureAwait(false);
        await run.RecordAsync(stop).ConfigureAwait(false);
    }

    private static LocalClusterOptions ClusterOptions(ScenarioRunOptions options, IRunObserver observer, string data)
    {
        var cluster = options.Scenario.Cluster;
        var local = new LocalClusterOptions
        {
            DataDirectory = data,
            Nodes = cluster.Nodes,
            Replication = cluster.Replication,
            Partitions = cluster.Partitions,
            Settings = cluster.Settings,
            Report = observer.Doing,
        };
        return options.Command is { } command ? local with { Command = command } : local;
    }

    private async Task PrepareZonesAsync(CancellationToken stop)
    {
        if (Scenario.Cluster.Zones.Count == 0) return;
        _observer.Doing("spreading partitions over zones");
        var admin = _poll.AdminOf(1);
        foreach (var (zone, nodes) in Scenario.Cluster.Zones)
            foreach (var node in nodes)
                await admin.StageSetAsync(node, capacity: 1, zone, stop).ConfigureAwait(false);
        var layout = await admin.ApplyLayoutAsync(cancellation: stop).ConfigureAwait(false);
        await UntilAsync(
            all => all.All(node => node.Cluster.LayoutVersion >= layout.Version)
                && all.SelectMany(static node => node.Partitions).All(static one => one.Moving.Length == 0)
                && AreEqual(all),
            stop).ConfigureAwait(false);
    }

    // The first calls of a process are slower than all others: they compile what they run. They are no part of the run.
    private async Task WarmUpAsync(CancellationToken stop)
    {
        await Task.WhenAll(_cluster.Nodes.Select(async node =>
        {
            var client = _place.Client([node.Id], TimeSpan.FromSeconds(10));
            await using (client.ConfigureAwait(false))
            {
                for (var round = 0; round < WarmUpRounds; round++)
                {
                    var key = _place.KeyPrefix + WarmUpKey(node.Id, round);
                    try
                    {
                        await client.Counter(key).IncrementAsync(1, round % 2 == 0 ? Write.One : Write.All, stop).ConfigureAwait(false);
                        await client.Counter(key).GetAsync(round % 2 == 0 ? Read.One : Read.All, stop).ConfigureAwait(false);
                    }
                    catch (GossipdbException)
                    {
                        // A machine that is busy may make nodes lose sight of each other for a moment.
                    }
                }
            }
        })).ConfigureAwait(false);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (_options.Cluster is not null) patience.CancelAfter(SettleWithin);
        try
        {
            await UntilAsync(
                all => all.Count == _cluster.Nodes.Count && all.All(static node => node.Peers.All(static peer => peer.Reachable)),
                patience.Token).ConfigureAwait(false);
            await SettleAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new LocalClusterException(
                $"the nodes do not all hear each other, or do not hold the same, after {SettleWithin.TotalSeconds:0} s");
        }
    }

    private static string WarmUpKey(int node, int round) => string.Create(CultureInfo.InvariantCulture, $"warm-up-{node}-{round}");

    // Where nobody else calls, all replicas come to hold the same. Others may call a cluster that runs already: there each comes to hold
    // what any had when the wait began.
    private async Task SettleAsync(CancellationToken stop)
    {
        if (_options.Cluster is null)
        {
            await UntilAsync(AreEqual, stop).ConfigureAwait(false);
            return;
        }

        Dictionary<int, Dictionary<ulong, long>>? wanted = null;
        await UntilAsync(
            all =>
            {
                if (ClusterPoll.MembersOf(all).Count != all.Count || !all.All(static node => node.Ready)) return false;
                wanted ??= ReplicaClocks.Union(all);
                return ReplicaClocks.Cover(all, wanted);
            },
            stop).ConfigureAwait(false);
    }

    private bool AreEqual(IReadOnlyList<NodeStatus> all) =>
        ReplicaClocks.AreEqual(all, _cluster.Shape.Partitions, _cluster.Shape.Replication);

    private async Task RecordAsync(CancellationToken stop)
    {
        var stores = new GroupStores(Scenario, _place);
        await using (stores.ConfigureAwait(false))
        {
            await stores.ConnectAsync(stop).ConfigureAwait(false);
            await RecordAsync(stores, stop).ConfigureAwait(false);
        }
    }

    private async Task RecordAsync(GroupStores stores, CancellationToken stop)
    {
        var (clock, meter) = (new RunClock(), new RunMeter());
        using var recorder = new Recorder(new HistoryWriter(Path.Combine(_options.Directory, HistoryName)), clock, meter);
        recorder.Note(new RunRecord
        {
            Name = Scenario.Name,
            Seed = _options.Seed,
            Started = DateTimeOffset.UtcNow,
            Nodes = [.. Enumerable.Range(1, Scenario.Cluster.Nodes).Select(node => new RunNode(node, Scenario.Cluster.ZoneOf(node)))],
            Replication = _cluster.Shape.Replication,
            Partitions = _cluster.Shape.Partitions,
        });
        try
        {
            await PrepareAsync(recorder, stop).ConfigureAwait(false);
            await RecordAsync(stores, recorder, clock, meter, stop).ConfigureAwait(false);
        }
        finally
        {
            if (_options.Cluster is not null) await LeaveAsync(recorder).ConfigureAwait(false);
        }
    }

    private async Task RecordAsync(GroupStores stores, Recorder recorder, RunClock clock, RunMeter meter, CancellationToken stop)
    {
        var sampler = new Sampler(_poll, recorder);
        var schedule = new RunSchedule(clock);
        var view = new RunningView(Scenario, schedule, meter, sampler);
        var states = new StateReader(_poll, recorder, _place);
        await using (states.ConfigureAwait(false))
        {
            var timeline = new TimelineDriver(
                Scenario, _faults, states, new ConvergenceWatch(_poll, recorder), recorder, schedule, view, _observer);
            using var sampling = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var samples = sampler.RunAsync(sampling.Token);
            try
            {
                _observer.Begins(view);
                await CallAsync(stores, timeline, recorder, schedule, meter, stop).ConfigureAwait(false);
                await EndAsync(timeline, states, recorder, stop).ConfigureAwait(false);
            }
            finally
            {
                await timeline.ForgetAsync().ConfigureAwait(false);
                await sampling.CancelAsync().ConfigureAwait(false);
                await samples.ConfigureAwait(false);
            }
        }
    }

    private async Task PrepareAsync(Recorder recorder, CancellationToken stop)
    {
        if (Scenario.Prepare.Count == 0) return;
        var nodes = _cluster.Nodes.Select(static node => node.Id).ToList();
        var store = new GroupStore(_place, nodes, roams: false, TimeSpan.FromSeconds(10));
        await using (store.ConfigureAwait(false))
        {
            foreach (var write in Scenario.Prepare)
            {
                var call = new StoreCall
                {
                    Type = write.Type,
                    Op = write.Op,
                    Key = write.Key,
                    Argument = write.Argument,
                    Form = Scenario.FormOf(write.Key),
                    Level = LevelWord.All,
                    Timeout = TimeSpan.FromSeconds(10),
                };
                var record = await recorder.CallAsync(Preparer, call, store.CallsOf(session: false), 0, stop).ConfigureAwait(false);
                if (record.Outcome != Outcome.Ok)
                    throw new LocalClusterException($"could not prepare '{write.Type} {write.Op} {write.Key}': {record.Error}");
            }
        }
    }

    private async Task CallAsync(
        GroupStores stores, TimelineDriver timeline, Recorder recorder, RunSchedule schedule, RunMeter meter, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var groups = Scenario.Workload.Select((group, number) =>
        {
            var callers = Enumerable.Range(0, group.Callers).Select(caller => new Caller(
                group, caller, new CallerScript(group, number, caller, _options.Seed), stores.CallsOf(number, group.Session), recorder));
            return new GroupRun(group, number, [.. callers], schedule, recorder.Clock, meter, _options.Seed);
        }).ToList();
        var calling = Task.WhenAll(groups.Select(group => group.RunAsync(end.Token, stop)));
        try
        {
            await timeline.RunAsync(stop).ConfigureAwait(false);
        }
        catch
        {
            await end.CancelAsync().ConfigureAwait(false);
            await calling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        await calling.ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
    }

    // Mends what is still broken, waits until all is equal, and reads what is left.
    private async Task EndAsync(TimelineDriver timeline, StateReader states, Recorder recorder, CancellationToken stop)
    {
        _observer.Doing("waiting until all replicas hold the same");
        var ended = recorder.Clock.Now;
        if (!await _faults.IsWholeAsync(stop).ConfigureAwait(false))
            await timeline.HappenAsync(new TimelineMoment(recorder.Clock.Elapsed, null, [new("heal", 0, 0)]), stop).ConfigureAwait(false);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(_options.ConvergeWithin);
        try
        {
            await SettleAsync(patience.Token).ConfigureAwait(false);
            if (timeline.MendedAt is null) recorder.Note(new ConvergedRecord { At = recorder.Clock.Now, Since = ended });
            else await timeline.Converged.WaitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            _observer.Doing($"the replicas do not hold the same after {_options.ConvergeWithin.TotalSeconds:0} s");
        }

        _observer.Doing("reading what every node holds");
        await states.ReadFinalAsync(Scenario.Inspect, stop).ConfigureAwait(false);
    }

    // A cluster that goes on after the run is left whole, and the run's keys do not stay for ever.
    private async Task LeaveAsync(Recorder recorder)
    {
        using var patience = new CancellationTokenSource(SettleWithin);
        try
        {
            if (!await _faults.IsWholeAsync(patience.Token).ConfigureAwait(false))
                await _faults.ApplyAsync("heal", patience.Token).ConfigureAwait(false);
        }
        catch (Exception problem)
            when (problem is FaultException or GossipdbException or LocalClusterException or OperationCanceledException)
        {
            _observer.Doing($"what was broken could not be mended: {problem.Message}");
        }

        var nodes = _cluster.Nodes.Select(static node => node.Id).ToList();
        var warmUp = nodes.SelectMany(static node => Enumerable.Range(0, WarmUpRounds).Select(round => WarmUpKey(node, round)));
        await KeyExpiry.RunAsync(_place, nodes, recorder.Keys.Keys.Concat(warmUp), patience.Token).ConfigureAwait(false);
    }

    private async Task UntilAsync(Func<IReadOnlyList<NodeStatus>, bool> reached, CancellationToken stop)
    {
        while (!reached(await _poll.AskAllAsync(digests: true, stop).ConfigureAwait(false)))
            await Task.Delay(Poll, stop).ConfigureAwait(false);
    }
}

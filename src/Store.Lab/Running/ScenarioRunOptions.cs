using Gossipdb.Lab.Scenarios;
using Gossipdb.LocalCluster;

namespace Gossipdb.Lab.Running;

/// <summary>How a scenario is run.</summary>
public sealed record ScenarioRunOptions
{
    /// <summary>The scenario.</summary>
    public required Scenario Scenario { get; init; }

    /// <summary>What the workload is drawn from.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Where the history, the results and the report go. Made where it is not there.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// A cluster that runs already, that the scenario fits (<see cref="ScenarioRunner"/> says whether), and in which nothing is wrong; null
    /// for one of the run's own. What the run breaks in it is mended in the end, however that comes.
    /// </summary>
    public ProcessCluster? Cluster { get; init; }

    /// <summary>
    /// What stands before the keys of the scenario in the store, and not in the history. In a cluster that runs already they are left to
    /// be looked at, and expire after <see cref="ScenarioRunner.KeysLive"/>.
    /// </summary>
    public string KeyPrefix { get; init; } = "";

    /// <summary>Whether the nodes' data stay, in <c>cluster</c> under the run's directory.</summary>
    public bool Keep { get; init; }

    /// <summary>The executable <c>gossipdb</c>; null for that of this process.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>The version of the executable, for the results.</summary>
    public string? Version { get; init; }

    /// <summary>How long the replicas may take to converge in the end.</summary>
    public TimeSpan ConvergeWithin { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>Is told how a run goes. Called from any thread.</summary>
public interface IRunObserver
{
    /// <summary>What is being done, before and after the callers call.</summary>
    /// <param name="what">In a line.</param>
    void Doing(string what);

    /// <summary>The callers begin: from now until the next <see cref="Doing"/> the run can be watched.</summary>
    /// <param name="run">What there is to see.</param>
    void Begins(RunningView run);

    /// <summary>Something happened to the cluster, or a phase began.</summary>
    /// <param name="at">When, since the callers began.</param>
    /// <param name="what">In the words of the shell.</param>
    void Happened(TimeSpan at, string what);
}

/// <summary>A run while it goes on.</summary>
public sealed class RunningView
{
    private readonly RunSchedule _schedule;
    private readonly Sampler _sampler;

    internal RunningView(Scenario scenario, RunSchedule schedule, RunMeter meter, Sampler sampler) =>
        (Scenario, _schedule, Meter, _sampler) = (scenario, schedule, meter, sampler);

    /// <summary>The scenario.</summary>
    public Scenario Scenario { get; }

    /// <summary>What calls came to so far.</summary>
    public RunMeter Meter { get; }

    /// <summary>How far the scenario is, by the time of its file.</summary>
    public TimeSpan Elapsed => _schedule.Now;

    /// <summary>What the time is called now.</summary>
    public string Phase { get; internal set; } = "";

    /// <summary>By node, how many changes of others it lacks; null where it does not answer.</summary>
    public IReadOnlyDictionary<int, long?> Lags => new SortedDictionary<int, long?>(_sampler.Last.ToDictionary(
        static node => node.Key, node => node.Value is { } status ? _sampler.MissingOf(status) : (long?)null));
}

namespace Gossipdb.LocalCluster.Control;

/// <summary>Runs experiments in the local cluster that takes orders, one at a time. Any thread.</summary>
public interface IScenarioRuns
{
    /// <summary>The experiments there are, and why one of them cannot be run in this cluster as it is now.</summary>
    IReadOnlyList<ScenarioOffer> Offers { get; }

    /// <summary>What the run that goes on, or else the last one, has come to; null where there was none.</summary>
    ScenarioSight? Sight { get; }

    /// <summary>Begins a run, and does not wait for its end.</summary>
    /// <param name="scenario">The experiment's name.</param>
    /// <param name="by">Who wants it, for others to read.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="LocalClusterException">There is no such experiment, it does not fit this cluster, something is broken already, or
    /// a run goes on: the message names whose.</exception>
    Task BeginAsync(string scenario, string by, CancellationToken stop = default);

    /// <summary>Ends the run that goes on before it is done, and has what it broke mended. Does not wait for that.</summary>
    /// <param name="by">Who wants it, for others to read.</param>
    /// <exception cref="LocalClusterException">None goes on.</exception>
    void End(string by);
}

/// <summary>An experiment that can be asked for.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Title">What it is about, in a line.</param>
/// <param name="Page">What to expect and what to look at, in a few sentences.</param>
/// <param name="Seconds">How long its callers call.</param>
public sealed record ScenarioOffer(string Name, string Title, string Page, double Seconds)
{
    /// <summary>Why it cannot be run in this cluster; null where it can.</summary>
    public string? WhyNot { get; init; }
}

/// <summary>A run of an experiment, while it goes on and after it.</summary>
/// <param name="Scenario">The experiment's name.</param>
/// <param name="Title">What it is about, in a line.</param>
/// <param name="By">Who asked for it.</param>
/// <param name="Number">Which run it is since the cluster was started, from 1.</param>
/// <param name="Seconds">How long its callers call.</param>
public sealed record ScenarioSight(string Scenario, string Title, string By, int Number, double Seconds)
{
    /// <summary>Whether it has ended.</summary>
    public bool IsOver { get; init; }

    /// <summary>What is being done now.</summary>
    public string Doing { get; init; } = "";

    /// <summary>How far the callers are, in seconds; null before they begin and after they have ended.</summary>
    public double? At { get; init; }

    /// <summary>What the time is called by the scenario.</summary>
    public string Phase { get; init; } = "";

    /// <summary>What happened, the oldest first; of very many the last ones.</summary>
    public IReadOnlyList<ScenarioEvent> Events { get; init; } = [];

    /// <summary>What calls have come to, by side, level and kind.</summary>
    public IReadOnlyList<ScenarioCalls> Calls { get; init; } = [];

    /// <summary>Why it did not come to its end; null where it did.</summary>
    public string? Problem { get; init; }

    /// <summary>What was expected, and what was measured.</summary>
    public IReadOnlyList<ScenarioExpectation> Expectations { get; init; } = [];

    /// <summary>What the checkers found.</summary>
    public IReadOnlyList<ScenarioVerdict> Verdicts { get; init; } = [];

    /// <summary>What the keys of the run begin with.</summary>
    public string KeyPrefix { get; init; } = "";

    /// <summary>Where its history and its results are.</summary>
    public string Directory { get; init; } = "";

    /// <summary>The full path of its report; null where there is none.</summary>
    public string? Report { get; init; }
}

/// <summary>Something that happened in a run.</summary>
/// <param name="At">When, in seconds since the callers began; null before.</param>
/// <param name="Text">In the words of the shell.</param>
public sealed record ScenarioEvent(double? At, string Text);

/// <summary>Calls that are counted together.</summary>
/// <param name="Side">The callers' side; empty where they have none.</param>
/// <param name="Level">The level.</param>
/// <param name="Reads">Whether they are reads.</param>
/// <param name="Calls">How many have ended.</param>
/// <param name="Answered">How many of them were answered.</param>
/// <param name="LastMicroseconds">How long the last answer took.</param>
public sealed record ScenarioCalls(string Side, string Level, bool Reads, long Calls, long Answered, long LastMicroseconds);

/// <summary>What became of an expectation.</summary>
/// <param name="Text">As the scenario says it.</param>
/// <param name="IsMet">Whether it came true.</param>
/// <param name="Measured">What was measured.</param>
public sealed record ScenarioExpectation(string Text, bool IsMet, string Measured);

/// <summary>What a checker found.</summary>
/// <param name="Check">The check.</param>
/// <param name="Judgement">holds, fails, or unknown.</param>
/// <param name="Summary">One sentence with the numbers.</param>
/// <param name="IsPromised">Whether a store promises what it asks.</param>
public sealed record ScenarioVerdict(string Check, string Judgement, string Summary, bool IsPromised);

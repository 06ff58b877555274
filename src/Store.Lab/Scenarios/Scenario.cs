using Gossipdb.Lab.Expectations;

namespace Gossipdb.Lab.Scenarios;

/// <summary>An experiment: a cluster, who calls it, what happens to it, and what is expected of that.</summary>
public sealed record Scenario
{
    /// <summary>Its name: letters, digits and dashes.</summary>
    public required string Name { get; init; }

    /// <summary>What it is about, in a line.</summary>
    public required string Title { get; init; }

    /// <summary>What to expect, what to look at, what it teaches, and which systems behave otherwise, in a few sentences.</summary>
    public required string Page { get; init; }

    /// <summary>How long the callers call.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The cluster.</summary>
    public required ScenarioCluster Cluster { get; init; }

    /// <summary>Groups of nodes by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<int>> Sides { get; init; } = new Dictionary<string, IReadOnlyList<int>>();

    /// <summary>Writes that are made at level <c>all</c> before anything else.</summary>
    public IReadOnlyList<PreparedWrite> Prepare { get; init; } = [];

    /// <summary>Who calls.</summary>
    public required IReadOnlyList<CallerGroup> Workload { get; init; }

    /// <summary>What happens, in the order of time.</summary>
    public IReadOnlyList<TimelineMoment> Timeline { get; init; } = [];

    /// <summary>Keys whose story is told: what each node holds of them is kept at every moment of the timeline.</summary>
    public IReadOnlyList<string> Inspect { get; init; } = [];

    /// <summary>What is expected.</summary>
    public IReadOnlyList<Expectation> Expectations { get; init; } = [];

    /// <summary>The file's text.</summary>
    public required string Text { get; init; }

    /// <summary>What a register holds: as the group of callers says whose key it is.</summary>
    /// <param name="key">The register's key.</param>
    public RegisterForm FormOf(string key) => Workload
        .FirstOrDefault(group => group.Form != RegisterForm.Text
            && key.StartsWith(group.Keys.Name("register", ""), StringComparison.Ordinal))?.Form ?? RegisterForm.Text;
}

/// <summary>The cluster of a scenario.</summary>
public sealed record ScenarioCluster
{
    /// <summary>How many nodes it starts with, numbered from 1.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>How many replicas a key has (N).</summary>
    public int Replication { get; init; } = 3;

    /// <summary>How many partitions the key space has.</summary>
    public int Partitions { get; init; } = 16;

    /// <summary>The nodes of each zone, by its name; none where there are no zones.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<int>> Zones { get; init; } = new Dictionary<string, IReadOnlyList<int>>();

    /// <summary>Further lines of every node's configuration, "gossipdb.key = value".</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>The zone of a node; null where it has none.</summary>
    public string? ZoneOf(int node) => Zones.FirstOrDefault(zone => zone.Value.Contains(node)).Key;
}

/// <summary>A write that is made before the callers begin.</summary>
/// <param name="Type">The object's type.</param>
/// <param name="Op">What is done.</param>
/// <param name="Key">The key.</param>
/// <param name="Argument">With what.</param>
public sealed record PreparedWrite(string Type, string Op, string Key, string Argument);

/// <summary>Something that happens at a moment.</summary>
/// <param name="At">When, from the moment the callers begin.</param>
/// <param name="Phase">What the time from then on is called; null where it stays as it was.</param>
/// <param name="Faults">What is brought about or mended, in the words of the shell, in this order.</param>
public sealed record TimelineMoment(TimeSpan At, string? Phase, IReadOnlyList<TimelineFault> Faults);

/// <summary>A fault in the words of the shell, and where the file says it.</summary>
/// <param name="Text">The words.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column of the first word, from 1.</param>
public sealed record TimelineFault(string Text, long Line, long Column);

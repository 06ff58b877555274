namespace Gossipdb.Checking.History;

/// <summary>What ran: the first line of a file. A file without it is read as one of an unknown cluster.</summary>
public sealed record RunRecord : HistoryRecord
{
    /// <summary>The format's version.</summary>
    public int Format { get; init; } = 1;

    /// <summary>What the run is called.</summary>
    public string? Name { get; init; }

    /// <summary>The workload's seed.</summary>
    public ulong? Seed { get; init; }

    /// <summary>When the run began, by the wall clock.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>The nodes at the start.</summary>
    public IReadOnlyList<RunNode> Nodes { get; init; } = [];

    /// <summary>How many replicas a key has (N).</summary>
    public int Replication { get; init; }

    /// <summary>How many partitions there are.</summary>
    public int Partitions { get; init; }
}

/// <summary>A node of a run.</summary>
/// <param name="Node">Its number.</param>
/// <param name="Zone">Its zone, where it has one.</param>
public sealed record RunNode(int Node, string? Zone = null);

namespace Gossipdb.Client;

/// <summary>
/// The commits of a node's journal since it started. Each writes to the disk what has come from all partitions meanwhile: a group.
/// </summary>
public sealed record CommitCounts
{
    /// <summary>How many there were.</summary>
    public long Commits { get; init; }

    /// <summary>Events in all of them.</summary>
    public long Events { get; init; }

    /// <summary>Bytes of all of them.</summary>
    public long Bytes { get; init; }

    /// <summary>How long they took, all together.</summary>
    public TimeSpan Time { get; init; }

    /// <summary>How long the longest of the last ten to twenty seconds took; zero where there was none.</summary>
    public TimeSpan Longest { get; init; }
}

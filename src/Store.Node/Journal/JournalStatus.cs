namespace Gossipdb.Node.Journal;

/// <summary>How the journal is, for an operator.</summary>
internal sealed record JournalStatus
{
    /// <summary>Where it is.</summary>
    public required string Path { get; init; }

    /// <summary>Records written and read back since the start.</summary>
    public required long Commits { get; init; }

    /// <summary>What they held.</summary>
    public required long Events { get; init; }

    /// <summary>How long it is.</summary>
    public required long Bytes { get; init; }

    /// <summary>The number of the first record that is not cut off, or is not read yet; 0 where there is none.</summary>
    public long FirstRecord { get; init; }

    /// <summary>What was applied and is not in it yet.</summary>
    public required long WaitingBytes { get; init; }

    public required long MaxWaitingBytes { get; init; }

    public required long HighestWaitingBytes { get; init; }

    /// <summary>Who keeps it longer than it should be, and why; null where nobody does.</summary>
    public (int Journal, string Because)? HeldBack { get; init; }
}

namespace Gossipdb.Client;

/// <summary>What a node's process takes of its machine. Sums are since it started.</summary>
public sealed record RuntimeStatus
{
    /// <summary>Bytes of memory, as the system counts them.</summary>
    public long ResidentBytes { get; init; }

    /// <summary>Bytes of objects, as the last collection left them and what came since.</summary>
    public long HeapBytes { get; init; }

    /// <summary>How long collections held up everything.</summary>
    public TimeSpan Paused { get; init; }

    /// <summary>Collections of the oldest generation.</summary>
    public long FullCollections { get; init; }

    /// <summary>Time on processors, of all threads together.</summary>
    public TimeSpan ProcessorTime { get; init; }
}

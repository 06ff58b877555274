namespace Gossipdb.Client;

/// <summary>
/// The calls of clients that a node has answered since it started, at one level, whichever node served them.
/// <see cref="CallActivity"/> tells what of it is of late.
/// </summary>
public sealed record CallCounts
{
    /// <summary>
    /// one, two, quorum, all or other; with -sloppy behind it; bounded for reads that bound their staleness; none for calls that never
    /// came to a level.
    /// </summary>
    public string Level { get; init; } = "";

    /// <summary>Whether they are writes.</summary>
    public bool IsWrite { get; init; }

    /// <summary>How many were done.</summary>
    public long Done { get; init; }

    /// <summary>How many failed, by the code of the error.</summary>
    public IReadOnlyDictionary<string, long> Failures { get; init; } = new Dictionary<string, long>();

    /// <summary>
    /// Of those done, how many took how long, from the request's arrival to its answer. Up to 3 µs one bucket each, beginning with 0; then
    /// four of equal width to every doubling. The last has all above; those behind the last that is not 0 are left out.
    /// </summary>
    public IReadOnlyList<long> Latencies { get; init; } = [];
}

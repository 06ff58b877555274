namespace Gossipdb.Client.Admin;

/// <summary>
/// What is seen of a node, as far as differences of it are told as events. The node and the client compile it each for itself.
/// </summary>
/// <param name="Node">The node.</param>
/// <param name="HasAnswered">Whether it said anything. Where it did not, the rest is empty.</param>
internal sealed record NodeSight(int Node, bool HasAnswered)
{
    public int ProcessId { get; init; }

    public long UptimeMs { get; init; }

    public bool IsReady { get; init; }

    public bool RefusesWrites { get; init; }

    public string Trouble { get; init; } = "";

    public long HeldBytes { get; init; }

    /// <summary>The other nodes, and whether it hears them.</summary>
    public IReadOnlyDictionary<int, bool> Peers { get; init; } = new Dictionary<int, bool>();

    /// <summary>Calls that failed since it started.</summary>
    public IReadOnlyList<(string Level, bool IsWrite, string Code, long Count)> Failures { get; init; } = [];

    /// <summary>Who holds which slots.</summary>
    public IReadOnlyList<(int Partition, int Slot, int Node, long Epoch)> Slots { get; init; } = [];

    /// <summary>Partitions of it that are damaged or contradict another's.</summary>
    public IReadOnlyList<int> Damaged { get; init; } = [];
}

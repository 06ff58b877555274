using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Faults;

/// <summary>
/// The faults in force in a cluster, for experiments: every node is told all of them, and brings about what concerns itself.
/// <see cref="FaultRules"/> says what may be told.
/// </summary>
internal sealed record FaultSet(IReadOnlyList<LinkFault> Links, IReadOnlyList<ClockFault> Clocks, IReadOnlyList<DiskFault> Disks)
{
    /// <summary>Nothing is wrong.</summary>
    public static FaultSet None { get; } = new([], [], []);

    /// <summary>The nodes to which a node's link is cut, in either direction.</summary>
    public IEnumerable<NodeId> CutsAt(NodeId node) => Links
        .Where(link => link.Cut && (link.From == node || link.To == node))
        .Select(link => link.From == node ? link.To : link.From)
        .Distinct()
        .Order();
}

/// <summary>What happens to everything that one node sends to another.</summary>
/// <param name="From">Who sends.</param>
/// <param name="To">Who receives.</param>
internal sealed record LinkFault(NodeId From, NodeId To)
{
    /// <summary>Nothing arrives.</summary>
    public bool Cut { get; init; }

    /// <summary>How much later everything arrives.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>By how much that varies, either way, uniformly.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>The share of packets that are lost, and sent again by the connection.</summary>
    public double Loss { get; init; }

    /// <summary>How much passes, in bytes a second; null without limit.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>It comes and goes: how often it begins anew, and how long it is in force each time; null where it stays.</summary>
    public (TimeSpan Every, TimeSpan For)? Flapping { get; init; }

    /// <summary>Whether it does anything.</summary>
    public bool HasEffect => Cut || Delay > TimeSpan.Zero || Loss > 0 || BytesPerSecond is not null;
}

/// <summary>A node's wall clock is wrong.</summary>
/// <param name="Node">Whose.</param>
/// <param name="OffsetMs">How far it is ahead as it is told.</param>
/// <param name="Drift">What it gains from then on, in seconds a second.</param>
internal sealed record ClockFault(NodeId Node, long OffsetMs, double Drift)
{
    /// <summary>Whether it does anything.</summary>
    public bool HasEffect => OffsetMs != 0 || Drift != 0;
}

/// <summary>A node's disk is bad.</summary>
/// <param name="Node">Whose.</param>
/// <param name="Full">It has no room for the journal.</param>
/// <param name="Slow">How much longer each flush of the journal takes.</param>
internal sealed record DiskFault(NodeId Node, bool Full, TimeSpan Slow)
{
    /// <summary>Whether it does anything.</summary>
    public bool HasEffect => Full || Slow > TimeSpan.Zero;
}

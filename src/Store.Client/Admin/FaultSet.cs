namespace Gossipdb.Client;

/// <summary>
/// The faults in force in a cluster, for experiments: one document that every node is told whole. Each node brings about what concerns
/// itself, and a node that was started again is told what any other says is in force. Clients' ports are never touched.
/// <para>Nodes refuse, by name, what is out of range. An entry that was in force before, the same, goes on undisturbed. One that has no
/// effect is left out.</para>
/// </summary>
public sealed record FaultSet
{
    /// <summary>Nothing is in force.</summary>
    public static FaultSet None { get; } = new();

    /// <summary>What is wrong with links, at most one entry a direction.</summary>
    public IReadOnlyList<LinkFault> Links { get; init; } = [];

    /// <summary>Whose clocks are wrong, at most one entry a node.</summary>
    public IReadOnlyList<ClockFault> Clocks { get; init; } = [];

    /// <summary>Whose disks are bad, at most one entry a node.</summary>
    public IReadOnlyList<DiskFault> Disks { get; init; } = [];

    /// <summary>Whether nothing is in force.</summary>
    public bool IsEmpty => Links.Count == 0 && Clocks.Count == 0 && Disks.Count == 0;
}

/// <summary>What happens to everything that one node sends to another, on the ports of data and of control alike.</summary>
/// <param name="From">The node that sends.</param>
/// <param name="To">The node that receives.</param>
public sealed record LinkFault(int From, int To)
{
    /// <summary>Nothing arrives.</summary>
    public bool Cut { get; init; }

    /// <summary>How much later everything arrives: a minute at most.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>
    /// By how much the delay varies, either way, uniformly; not more than <see cref="Delay"/>. Order is kept, as on a connection.
    /// </summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>
    /// The share of packets of 1,460 bytes that are lost: 0 or more, and below 1. A connection sends them again: each costs a
    /// retransmission's time, and what comes behind waits.
    /// </summary>
    public double Loss { get; init; }

    /// <summary>How much passes, in bytes a second: 1,024 or more; null without limit.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>The fault comes and goes: it begins anew this often, and at least once an hour. Null where it stays.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>How long it is in force each time, less than <see cref="Every"/>; null where it stays.</summary>
    public TimeSpan? For { get; init; }
}

/// <summary>A node's wall clock is wrong.</summary>
/// <param name="Node">The node.</param>
public sealed record ClockFault(int Node)
{
    /// <summary>
    /// How far it is ahead at the moment it is told; negative where it is behind. A day at most, in whole milliseconds. Asked for what is
    /// in force, nodes say how far it is ahead by then.
    /// </summary>
    public TimeSpan Offset { get; init; }

    /// <summary>How much it gains from then on: seconds a second; negative where it loses. A half at most.</summary>
    public double Drift { get; init; }
}

/// <summary>A node's disk is bad.</summary>
/// <param name="Node">The node.</param>
public sealed record DiskFault(int Node)
{
    /// <summary>It has no room: every write to the journal is refused by the disk, and tried again until there is room.</summary>
    public bool Full { get; init; }

    /// <summary>How much longer each flush of the journal takes: a minute at most.</summary>
    public TimeSpan Slow { get; init; }
}

namespace Gossipdb.Lab.Faults;

/// <summary>What is no experiment any more but a slip of the pen. Nodes refuse the same.</summary>
internal static class FaultLimits
{
    /// <summary>The longest delay of a link.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(1);

    /// <summary>The longest a flush of a disk may take.</summary>
    public static readonly TimeSpan LongestFlush = TimeSpan.FromMinutes(1);

    /// <summary>The shortest time for which a fault that comes and goes is there or away.</summary>
    public static readonly TimeSpan ShortestPhase = TimeSpan.FromMilliseconds(10);

    /// <summary>The longest time after which a fault that comes and goes begins anew.</summary>
    public static readonly TimeSpan LongestPhase = TimeSpan.FromHours(1);

    /// <summary>The least that passes on a link of a limited rate, in bytes a second: less would keep heartbeats from passing.</summary>
    public const long LeastRate = 1_024;

    /// <summary>How fast a clock may drift: it must not stand still, nor go back.</summary>
    public static readonly TimeSpan FastestDrift = TimeSpan.FromMilliseconds(500);

    /// <summary>The greatest number a range of nodes may name.</summary>
    public const int GreatestNode = 1_000_000;

    /// <summary>How many nodes a range may have.</summary>
    public const int LongestRange = 1_000;
}

namespace Gossipdb.Lab.Figures;

/// <summary>A fault and how long it was there. Instants are microseconds since the run began.</summary>
/// <param name="Fault">The fault in the words of the shell.</param>
/// <param name="From">When it was begun.</param>
/// <param name="InForce">When it was in force everywhere.</param>
/// <param name="To">
/// When it began to be mended (of a process that was down: when it served again), or the run's end. Equal to <paramref name="From"/> of
/// what happens in a moment.
/// </param>
/// <param name="Severity">What it does to the cluster.</param>
internal sealed record FaultSpan(string Fault, long From, long InForce, long To, FaultSeverity Severity)
{
    /// <summary>Whether it is a moment, as a wiped directory or a change of the layout is.</summary>
    public bool IsMoment => To == From;
}

/// <summary>What a fault does to the cluster.</summary>
internal enum FaultSeverity
{
    /// <summary>Something happens that does not keep anybody from answering.</summary>
    Event,

    /// <summary>Everything is there and something is slower or wrong: a link with a delay, a slow disk, a clock that is off.</summary>
    Degrades,

    /// <summary>Some nodes cannot be reached, or cannot do their work.</summary>
    Breaks,
}

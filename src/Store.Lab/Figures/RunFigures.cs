namespace Gossipdb.Lab.Figures;

/// <summary>What was measured in a run, in numbers: what two runs are compared by.</summary>
public sealed record RunFigures
{
    /// <summary>How long the recorded calls took from the first to the last, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>How many calls were made.</summary>
    public required long Calls { get; init; }

    /// <summary>The whole run by level, side and kind of call.</summary>
    public required IReadOnlyList<LevelFigures> Levels { get; init; }

    /// <summary>The same for each phase.</summary>
    public IReadOnlyList<PhaseFigures> Phases { get; init; } = [];

    /// <summary>The same for the time in which something was broken; null where nothing was.</summary>
    public PhaseFigures? Broken { get; init; }

    /// <summary>How long after the last fault was mended all replicas held the same, in seconds; null where that was not seen.</summary>
    public double? ConvergedSeconds { get; init; }

    /// <summary>Bytes of repair that all nodes sent from the first fault on; null where it was not sampled.</summary>
    public double? RepairBytes { get; init; }
}

/// <summary>A part of a run.</summary>
/// <param name="Name">The phase's name, or the fault's.</param>
/// <param name="FromSeconds">When it began, in seconds since the run did.</param>
/// <param name="ToSeconds">When it ended.</param>
/// <param name="IsWhole">Whether nothing was broken in it. Links that are only slower than usual are not broken.</param>
/// <param name="Levels">The calls that began in it, by level, side and kind.</param>
public sealed record PhaseFigures(string Name, double FromSeconds, double ToSeconds, bool IsWhole, IReadOnlyList<LevelFigures> Levels);

/// <summary>The calls of one level, one side and one kind.</summary>
public sealed record LevelFigures
{
    /// <summary>The level, as in the history; "default" where the calls named none.</summary>
    public required string Level { get; init; }

    /// <summary>The side the callers were on; null where they had none.</summary>
    public string? Side { get; init; }

    /// <summary>Whether they are reads; changes otherwise.</summary>
    public required bool IsRead { get; init; }

    /// <summary>How many were answered: acked, read, or refused because of what the data says.</summary>
    public required long Answered { get; init; }

    /// <summary>How many were refused for want of replicas or of room.</summary>
    public required long Refused { get; init; }

    /// <summary>Of how many nobody knows what became of them.</summary>
    public required long Unknown { get; init; }

    /// <summary>Answered calls a second.</summary>
    public required double PerSecond { get; init; }

    /// <summary>The share that was answered, 0 to 1.</summary>
    public required double Availability { get; init; }

    /// <summary>Half of the answers came within so many milliseconds; null where there were none.</summary>
    public double? P50Ms { get; init; }

    /// <summary>Of a hundred answers 99 came within so many milliseconds; null where there were none.</summary>
    public double? P99Ms { get; init; }
}

namespace Gossipdb.Lab.Expectations;

/// <summary>A figure that expectations can name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Quantity">What it is a quantity of.</param>
/// <param name="Source">What it is taken from, which says what may stand in parentheses.</param>
/// <param name="Meaning">What it is, in a line.</param>
public sealed record FigureKind(string Name, Quantity Quantity, FigureSource Source, string Meaning)
{
    /// <summary>Everything an expectation can name.</summary>
    public static IReadOnlyList<FigureKind> All { get; } =
    [
        new("calls", Quantity.Number, FigureSource.Calls, "how many calls were made"),
        new("ok", Quantity.Number, FigureSource.Calls, "how many were acked or answered"),
        new("refused", Quantity.Number, FigureSource.Calls, "how many certainly changed nothing"),
        new("unknown", Quantity.Number, FigureSource.Calls, "of how many nobody knows what became of them"),
        new("availability", Quantity.Share, FigureSource.Calls,
            "the share that was answered: acked, or refused for what the data says, as a stock that is sold out"),
        new("rate", Quantity.Number, FigureSource.Calls, "answered calls a second"),
        new("p50", Quantity.Time, FigureSource.Calls, "half of the answers came within this"),
        new("p90", Quantity.Time, FigureSource.Calls, "90 of 100 answers came within this"),
        new("p99", Quantity.Time, FigureSource.Calls, "99 of 100 answers came within this"),
        new("slowest", Quantity.Time, FigureSource.Calls, "the answer that took longest"),
        new("held", Quantity.Number, FigureSource.Samples, "the most bytes that nodes held for absent owners at a time"),
        new("repaired", Quantity.Number, FigureSource.Samples, "bytes of repair that nodes sent"),
        new("lag", Quantity.Number, FigureSource.Samples, "the most changes of others that a node lacked"),
        new("clock-ahead", Quantity.Time, FigureSource.Samples, "the furthest a node's clock was ahead of the cluster's time"),
        new("down", Quantity.Share, FigureSource.Samples, "the share of samples that got no answer"),
        new("converged", Quantity.Time, FigureSource.Run, "from the last mending until all replicas held the same"),
        new("holds", Quantity.Truth, FigureSource.Check, "whether a check holds"),
        new("linearizable", Quantity.Truth, FigureSource.Level, "whether the calls at a level are linearizable"),
        new("lost", Quantity.Number, FigureSource.Run, "acked writes that are gone"),
        new("resurrected", Quantity.Number, FigureSource.Run, "what was deleted and came back"),
        new("stale", Quantity.Number, FigureSource.Level, "reads that did not return the newest acked value"),
        new("session-violations", Quantity.Number, FigureSource.Run, "calls of sessions that a session does not allow"),
        new("oversold", Quantity.Number, FigureSource.Calls, "how many more were sold than there were, where applications count down"),
        new("sold", Quantity.Number, FigureSource.Calls, "how many were sold, where applications count down"),
        new("lost-items", Quantity.Number, FigureSource.Calls, "items of lists and sets that were added, never removed, and are gone"),
        new("resurrected-items", Quantity.Number, FigureSource.Calls, "items that were removed, never added again, and are there"),
    ];

    /// <summary>A figure by its name; null where there is none.</summary>
    public static FigureKind? Find(string name) => All.FirstOrDefault(kind => kind.Name == name);
}

/// <summary>What a figure is taken from.</summary>
public enum FigureSource
{
    /// <summary>The recorded calls: levels, sides, groups, types, keys, errors, reads or writes, phases.</summary>
    Calls,

    /// <summary>What nodes said of themselves: node, phase.</summary>
    Samples,

    /// <summary>The whole run: nothing in parentheses.</summary>
    Run,

    /// <summary>A check: its name.</summary>
    Check,

    /// <summary>What a check says of a level: the level.</summary>
    Level,
}

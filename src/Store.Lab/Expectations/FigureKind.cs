namespace Gossipdb.Lab.Expectations;

/// <summary>A figure that expectations can name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Quantity">What it is a quantity of.</param>
/// <param name="Source">What it is taken from, which says what may stand in parentheses.</param>
/// <param name="Meaning">What it is, in a line.</param>
public sealed record FigureKind(string Name, Quantity Quantity, FigureSource Source, string Meaning)
{
    private static readonly IReadOnlyList<string> Guarantees =
        ["read-your-writes", "monotonic-reads", "monotonic-writes", "writes-follow-reads"];

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
        new("holds", Quantity.Truth, FigureSource.Check, "whether a check holds, as holds(counters)") { Check = "{0}" },
        new("linearizable", Quantity.Truth, FigureSource.Level, "whether the calls at a level are linearizable")
        {
            Check = "linearizable: {0}",
        },
        new("stale", Quantity.Number, FigureSource.Level, "how many reads at a level lack an acked write")
        {
            Check = "staleness", Figure = "stale.{0}",
        },
        new("lost", Quantity.Number, FigureSource.Run, "acked writes that are gone, against what was promised")
        {
            Check = "lost-writes", Figure = "lost",
        },
        new("resurrected", Quantity.Number, FigureSource.Run, "items of sets that were removed and came back")
        {
            Check = "resurrected", Figure = "resurrected",
        },
        new("lost-items", Quantity.Number, FigureSource.Run, "items of lists in registers that were added, never removed, and are gone")
        {
            Check = "whole-values: lost", Figure = "lost",
        },
        new("resurrected-items", Quantity.Number, FigureSource.Run, "items of lists in registers that were removed and came back")
        {
            Check = "whole-values: resurrected", Figure = "resurrected",
        },
        new("missed", Quantity.Number, FigureSource.Run, "reads at R + W > N that lack a write which was acked before they began")
        {
            Check = "regular-reads", Figure = "missed",
        },
        new("torn", Quantity.Number, FigureSource.Run, "batches that were seen in part") { Check = "batches", Figure = "torn" },
        new("differing", Quantity.Number, FigureSource.Run, "keys that replicas hold differently in the end")
        {
            Check = "convergence", Figure = "differing",
        },
        new("oversold", Quantity.Number, FigureSource.Word, "how many more were sold than there were, of registers or bounded counters")
        {
            Check = "stock: {0}", Figure = "oversold", Words = ["register", "bounded-counter"],
        },
        new("sold", Quantity.Number, FigureSource.Word, "how many were sold, of registers or bounded counters")
        {
            Check = "stock: {0}", Figure = "sold", Words = ["register", "bounded-counter"],
        },
        new("pbs-difference", Quantity.Share, FigureSource.Phase,
            "by how much the share of probes that see their write differs from what PBS predicts, on average, in a phase")
        {
            Check = "pbs: R=1 W=1, {0}", Figure = "mean-difference",
        },
        new("breaches", Quantity.Number, FigureSource.Word, "how often a session went without one of its guarantees")
        {
            Check = "sessions: {0}", Figure = "breaches", Words = Guarantees,
        },
        new("breaches-without-session", Quantity.Number, FigureSource.Word, "how often callers without a session went without it")
        {
            Check = "sessions: {0}", Figure = "without-session", Words = Guarantees,
        },
    ];

    /// <summary>The check that tells it, with {0} for what stands in parentheses; null where calls or samples do.</summary>
    internal string? Check { get; private init; }

    /// <summary>The check's figure, with {0} likewise; null for whether the check holds.</summary>
    internal string? Figure { get; private init; }

    /// <summary>What may stand in parentheses, of <see cref="FigureSource.Word"/>.</summary>
    internal IReadOnlyList<string> Words { get; private init; } = [];

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

    /// <summary>What a check says of one of several things: its name.</summary>
    Word,

    /// <summary>What a check says of a phase: its name.</summary>
    Phase,
}

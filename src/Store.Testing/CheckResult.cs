namespace Gossipdb.Testing;

/// <summary>How a check of a history came out.</summary>
/// <param name="Check">The check, as <c>gossipdb lab check</c> names it: "lost-writes", "linearizable: quorum".</param>
/// <param name="Verdict">How it came out.</param>
/// <param name="Summary">In one sentence, with the numbers.</param>
/// <param name="Evidence">The smallest evidence, a sentence each, where it fails.</param>
/// <param name="IsPromised">
/// Whether the store promises it. What it does not (that reads are linearizable at every level, that a stock kept in a register is not
/// oversold) fails where an application builds on it.
/// </param>
public sealed record CheckResult(string Check, Verdict Verdict, string Summary, IReadOnlyList<string> Evidence, bool IsPromised)
{
    /// <summary>The verdict, the summary and the evidence, a line each.</summary>
    public override string ToString() => string.Join(
        "\n  - ", [$"{Check}: {Word}. {Summary}", .. Evidence]);

    private string Word => Verdict switch
    {
        Verdict.Holds => "holds",
        Verdict.Fails => "fails",
        Verdict.Unknown => "not known",
        _ => "nothing to check",
    };
}

/// <summary>How a check came out.</summary>
public enum Verdict
{
    /// <summary>It holds in this history.</summary>
    Holds,

    /// <summary>It does not hold.</summary>
    Fails,

    /// <summary>The history does not tell, or the search was given up.</summary>
    Unknown,

    /// <summary>There is nothing of the kind in this history.</summary>
    NotApplicable,
}

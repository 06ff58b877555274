using Gossipdb.Checking.Verdicts;
using Gossipdb.Lab.Figures;

namespace Gossipdb.Lab.Results;

/// <summary>What a run of a scenario came to: <c>results.json</c>.</summary>
public sealed record RunResults
{
    /// <summary>The scenario's name.</summary>
    public required string Scenario { get; init; }

    /// <summary>What it is about, in a line.</summary>
    public string? Title { get; init; }

    /// <summary>Its page: what to expect, what to look at, what it teaches, which systems behave otherwise.</summary>
    public string? Page { get; init; }

    /// <summary>The workload's seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>When the run began.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Took { get; init; }

    /// <summary>The version of the executable.</summary>
    public string? Version { get; init; }

    /// <summary>Whether all that was expected came true.</summary>
    public bool IsMet => Expectations.All(static one => one.IsMet);

    /// <summary>What was expected, and what was measured.</summary>
    public IReadOnlyList<ExpectationResult> Expectations { get; init; } = [];

    /// <summary>What the checkers found.</summary>
    public IReadOnlyList<Verdict> Verdicts { get; init; } = [];

    /// <summary>What was measured, by level, side and phase; null until the report is made, which adds it.</summary>
    public RunFigures? Figures { get; init; }
}

/// <summary>What became of an expectation.</summary>
/// <param name="Expectation">As the scenario says it.</param>
/// <param name="IsMet">Whether it came true.</param>
/// <param name="Measured">What was measured, in words.</param>
/// <param name="Evidence">What shows that it did not come true.</param>
public sealed record ExpectationResult(string Expectation, bool IsMet, string Measured, IReadOnlyList<Evidence> Evidence);

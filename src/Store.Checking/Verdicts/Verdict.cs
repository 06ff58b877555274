using System.Text.Json.Serialization;

namespace Gossipdb.Checking.Verdicts;

/// <summary>What a checker found.</summary>
public sealed record Verdict
{
    /// <summary>The check's name, as <c>lab check</c> prints it: "lost-writes", "linearizable: quorum".</summary>
    public required string Check { get; init; }

    /// <summary>How it came out.</summary>
    public required Judgement Judgement { get; init; }

    /// <summary>One sentence with the numbers.</summary>
    public required string Summary { get; init; }

    /// <summary>The smallest evidence, where it failed.</summary>
    public IReadOnlyList<Evidence> Evidence { get; init; } = [];

    /// <summary>What was measured, by name.</summary>
    public IReadOnlyDictionary<string, double> Figures { get; init; } = new Dictionary<string, double>();
}

/// <summary>How a check came out.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Judgement>))]
public enum Judgement
{
    /// <summary>It holds in this history.</summary>
    [JsonStringEnumMemberName("holds")]
    Holds,

    /// <summary>It does not hold.</summary>
    [JsonStringEnumMemberName("fails")]
    Fails,

    /// <summary>The history does not tell, or the search was given up.</summary>
    [JsonStringEnumMemberName("unknown")]
    Unknown,

    /// <summary>There is nothing of the kind in this history.</summary>
    [JsonStringEnumMemberName("not-applicable")]
    NotApplicable,
}

/// <summary>What shows that a check fails.</summary>
/// <param name="Text">In a sentence.</param>
/// <param name="Calls">The calls it is about, by <see cref="History.CallRecord.Id"/>.</param>
public sealed record Evidence(string Text, IReadOnlyList<long> Calls);

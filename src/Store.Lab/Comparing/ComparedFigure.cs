using System.Text.Json.Serialization;

namespace Gossipdb.Lab.Comparing;

/// <summary>One figure of two runs.</summary>
/// <param name="Group">What is measured: "latency, median".</param>
/// <param name="Name">Of what: "changes at quorum, side 1".</param>
/// <param name="Unit">The unit of both.</param>
/// <param name="A">The first run's; null where it has none.</param>
/// <param name="B">The second run's; null where it has none.</param>
public sealed record ComparedFigure(string Group, string Name, FigureUnit Unit, double? A, double? B)
{
    /// <summary>How many times the first the second is; null where one is missing, or the first is zero.</summary>
    public double? Ratio => A is { } a && B is { } b && a != 0 ? b / a : null;

    /// <summary>Whether the two differ by more than a tenth, or one is missing. Shares differ where they do so by a hundredth.</summary>
    public bool IsDifferent => (A, B) switch
    {
        (null, null) => false,
        (null, _) or (_, null) => true,
        _ when Unit == FigureUnit.Share => Math.Abs(A.Value - B.Value) > 0.01,
        _ => Math.Abs(A.Value - B.Value) > 0.1 * Math.Max(Math.Abs(A.Value), Math.Abs(B.Value)),
    };
}

/// <summary>What a figure is counted in.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FigureUnit>))]
public enum FigureUnit
{
    /// <summary>A number of things.</summary>
    [JsonStringEnumMemberName("count")]
    Count,

    /// <summary>Things a second.</summary>
    [JsonStringEnumMemberName("per-second")]
    PerSecond,

    /// <summary>A share, 0 to 1.</summary>
    [JsonStringEnumMemberName("share")]
    Share,

    /// <summary>Milliseconds.</summary>
    [JsonStringEnumMemberName("ms")]
    Milliseconds,

    /// <summary>Bytes.</summary>
    [JsonStringEnumMemberName("bytes")]
    Bytes,
}

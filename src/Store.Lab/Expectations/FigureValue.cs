using System.Globalization;
using Gossipdb.Checking.History;
using Gossipdb.Checking.Verdicts;
using Gossipdb.Lab.Words;

namespace Gossipdb.Lab.Expectations;

/// <summary>What a figure came to.</summary>
/// <param name="Value">Its value, in the unit of its quantity; null where there was nothing to measure.</param>
/// <param name="Note">What it is made of, in words; empty where the value says it all.</param>
internal sealed record FigureValue(double? Value, string Note = "")
{
    private const int EvidenceShown = 3;

    /// <summary>What raises it: shown where it is too great.</summary>
    public Func<IReadOnlyList<Evidence>> Raising { get; init; } = static () => [];

    /// <summary>What lowers it: shown where it is too small.</summary>
    public Func<IReadOnlyList<Evidence>> Lowering { get; init; } = static () => [];

    /// <summary>A value in the words of expectations.</summary>
    public static string Text(double value, Quantity quantity) => quantity switch
    {
        Quantity.Share => string.Create(CultureInfo.InvariantCulture, $"{value * 100:0.##} %"),
        Quantity.Time => Quantities.Text(TimeSpan.FromMicroseconds(Math.Abs(value))) is var text && value < 0 ? $"-{text}" : text,
        Quantity.Truth => value != 0 ? "yes" : "no",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value:#,0.##}"),
    };

    /// <summary>The first few of some calls as evidence.</summary>
    public static IReadOnlyList<Evidence> Of(IEnumerable<CallRecord> calls) =>
        [.. calls.Take(EvidenceShown).Select(static call => new Evidence(Text(call), [call.Id]))];

    private static string Text(CallRecord call)
    {
        var what = call.IsRead ? "read" : $"{call.Op}{(call.Argument is { } argument ? $" {argument.GetRawText()}" : "")}";
        var where = call.Side is null ? "" : $", side {call.Side}";
        var came = call.Error ?? (call.Result is { } result ? $"got {Short(result.GetRawText())}" : "ok");
        var took = call.End is { } end ? $"after {Quantities.Text(TimeSpan.FromMicroseconds(end - call.Start))}" : "and never ended";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"call {call.Id} at {call.Start / 1e6:0.000} s: {call.Caller} ({call.Level}{where}) {what} {call.Key}: {came} {took}");
    }

    private static string Short(string json) => json.Length <= 60 ? json : $"{json[..57]}…";
}

using HdrHistogram;

namespace Gossipdb.Bench.Timeline;

/// <summary>What became of the calls that ended within a time.</summary>
internal sealed record Tally(LongHistogram Latencies, IReadOnlyDictionary<string, int> Errors, TimeSpan Time)
{
    public double PerSecond => Time > TimeSpan.Zero ? Latencies.TotalCount / Time.TotalSeconds : 0;

    /// <summary>Not a number where no call succeeded.</summary>
    public double PercentileMs(double percentile) =>
        Latencies.TotalCount == 0 ? double.NaN : Latencies.GetValueAtPercentile(percentile) / 1_000.0;

    public string ErrorText => Errors.Count == 0 ? "none" : string.Join(", ", Errors.Select(static error => $"{error.Value} {error.Key}"));
}

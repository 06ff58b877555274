using System.Diagnostics;
using System.Text.Json.Serialization;
using HdrHistogram;

namespace Gossipdb.Bench.Load;

/// <summary>What came of a load.</summary>
internal sealed record LoadResult
{
    /// <summary>Operations sent.</summary>
    public long Attempted { get; init; }

    /// <summary>Operations that succeeded, those included that were under way when the time was over.</summary>
    public long Acknowledged { get; init; }

    /// <summary>Operations that succeeded within the time: what throughput is made of.</summary>
    public long InTime { get; init; }

    /// <summary>One of the errors, where there were any.</summary>
    public string? Error { get; init; }

    /// <summary>How long each acknowledged operation took, in microseconds.</summary>
    [JsonConverter(typeof(HistogramJson))]
    public LongHistogram Latencies { get; init; } = NewHistogram();

    [JsonIgnore]
    public long Errors => Attempted - Acknowledged;

    /// <summary>The largest latency a histogram tells from larger ones.</summary>
    public const long LongestUs = 60_000_000;

    /// <summary>An empty histogram of up to a minute at three significant digits, in microseconds.</summary>
    public static LongHistogram NewHistogram() => new(LongestUs, 3);

    /// <summary>The time between two timestamps, as a histogram takes it.</summary>
    public static long Microseconds(long started, long ended) =>
        Math.Clamp((long)Stopwatch.GetElapsedTime(started, ended).TotalMicroseconds, 1, LongestUs);

    /// <summary>Loads that ran beside one another, as one.</summary>
    public static LoadResult Sum(IReadOnlyCollection<LoadResult> parts)
    {
        var latencies = NewHistogram();
        foreach (var part in parts) latencies.Add(part.Latencies);
        return new LoadResult
        {
            Attempted = parts.Sum(static part => part.Attempted),
            Acknowledged = parts.Sum(static part => part.Acknowledged),
            InTime = parts.Sum(static part => part.InTime),
            Error = parts.Select(static part => part.Error).FirstOrDefault(static error => error is not null),
            Latencies = latencies,
        };
    }
}

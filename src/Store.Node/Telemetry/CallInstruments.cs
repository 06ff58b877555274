using System.Diagnostics.Metrics;
using Gossipdb.Client.Admin;
using Gossipdb.Node.Server;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Telemetry;

/// <summary>
/// What clients have asked of the node, by level, kind and outcome. <see cref="CallCounters"/> counts it in any case: a call pays nothing
/// for these.
/// <para>No exporter takes a histogram that somebody else has counted. So whenever metrics are read, what the counters have gained since
/// is recorded into an ordinary one: each call with the middle of its bucket. The bounds are ends of those buckets, so that every call
/// falls on the right side of each; the sum is exact to an eighth. That takes about 100 ns of the reading thread for a call, and none of
/// the thread that serves it (docs/metrics.md, docs/performance.md).</para>
/// </summary>
internal sealed class CallInstruments
{
    private const long LeastBoundUs = 128;
    private const long MostBoundUs = 1 << 23;
    private readonly CallCounters _counters;
    private readonly Histogram<double> _duration;
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Level, bool Write), long[]> _recorded = [];
    private bool _hasBegun;

    /// <param name="meter">They are instruments of it.</param>
    /// <param name="counters">What counts.</param>
    public CallInstruments(Meter meter, CallCounters counters)
    {
        _counters = counters;
        _duration = meter.CreateHistogram(
            "gossipdb.call.duration", "s",
            "How long calls of clients took that were done, from the request's arrival to its answer, since metrics were first read.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Bounds() });
        meter.CreateObservableCounter(
            "gossipdb.calls", Calls, "{call}", "Calls of clients that were answered, with an error or without.");
        meter.CreateObservableCounter(
            "gossipdb.call.errors", Errors, "{call}", "Calls of clients that were answered with an error, by its code.");
    }

    /// <summary>The upper bounds of the histogram's buckets, in seconds: two to each doubling.</summary>
    internal static double[] Bounds()
    {
        var bounds = new List<double>();
        for (var us = LeastBoundUs; us <= MostBoundUs; us *= 2)
        {
            bounds.Add(us / 1e6);
            if (us < MostBoundUs) bounds.Add(us * 3 / 2 / 1e6);
        }

        return [.. bounds];
    }

    /// <summary>Records what the counters have gained since they were read last.</summary>
    internal void Record(IReadOnlyList<CallCounts> counts)
    {
        if (!_duration.Enabled) return;
        lock (_gate)
        {
            for (var i = 0; i < counts.Count; i++) Record(counts[i]);
            _hasBegun = true;
        }
    }

    private void Record(CallCounts counts)
    {
        var key = (counts.Level, counts.Write);
        _recorded.TryGetValue(key, out var before);
        var now = new long[Math.Max(counts.Latencies.Count, before?.Length ?? 0)];
        counts.Latencies.CopyTo(now, 0);

        // What was counted before anybody read is not recorded: it may be any number of calls.
        if (_hasBegun)
        {
            var (level, kind) = (LevelOf(counts), KindOf(counts));
            for (var bucket = 0; bucket < now.Length; bucket++)
            {
                var seconds = (LatencyBuckets.EndOf(bucket) + (bucket == 0 ? 0 : LatencyBuckets.EndOf(bucket - 1))) / 2e6;
                for (var more = now[bucket] - (before is null || bucket >= before.Length ? 0 : before[bucket]); more > 0; more--)
                    _duration.Record(seconds, level, kind);
            }
        }

        _recorded[key] = now;
    }

    private static KeyValuePair<string, object?> LevelOf(CallCounts counts) => new("level", counts.Level);

    private static KeyValuePair<string, object?> KindOf(CallCounts counts) => new("kind", counts.Write ? "write" : "read");

    private IEnumerable<Measurement<long>> Calls()
    {
        var counts = _counters.Read();
        Record(counts);
        foreach (var one in counts)
        {
            var all = one.Done;
            foreach (var failures in one.Failures) all += failures.Count;
            yield return new Measurement<long>(all, LevelOf(one), KindOf(one));
        }
    }

    private IEnumerable<Measurement<long>> Errors()
    {
        foreach (var one in _counters.Read())
            foreach (var failures in one.Failures)
                yield return new Measurement<long>(failures.Count, LevelOf(one), KindOf(one), new("code", failures.Code.ToString()));
    }
}

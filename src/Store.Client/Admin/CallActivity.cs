using Gossipdb.Client.Admin;

namespace Gossipdb.Client;

/// <summary>What clients asked of a node, or of several, between two looks at their status.</summary>
public sealed record CallActivity
{
    /// <summary>All reads.</summary>
    public CallFigures Reads { get; init; } = new();

    /// <summary>All writes.</summary>
    public CallFigures Writes { get; init; } = new() { IsWrite = true };

    /// <summary>Each level at which there was a call, reads and writes apart.</summary>
    public IReadOnlyList<CallFigures> Levels { get; init; } = [];

    /// <summary>Calls that failed, a second.</summary>
    public double FailuresPerSecond => Reads.FailuresPerSecond + Writes.FailuresPerSecond;

    /// <summary>
    /// The difference between two looks, by the time that has passed at each node. A node that has started anew meanwhile counts what it
    /// was asked since; one without a status at either look counts nothing. Latencies are those of all nodes together.
    /// </summary>
    /// <param name="looks">For each node what it said before and what it says now.</param>
    public static CallActivity Between(params IEnumerable<(NodeStatus? Before, NodeStatus? Now)> looks)
    {
        ArgumentNullException.ThrowIfNull(looks);
        var levels = new SortedDictionary<(string Level, bool IsWrite), Figures>();
        var (reads, writes) = (new Figures(), new Figures());
        foreach (var (before, now) in looks)
        {
            if (before is null || now is null) continue;
            var isSame = now.IsSameProcessAs(before);
            var seconds = (isSame ? now.Uptime - before.Uptime : now.Uptime).TotalSeconds;
            if (seconds <= 0) continue;
            foreach (var counts in now.Calls)
            {
                var old = isSame ? before.Calls.FirstOrDefault(one => one.Level == counts.Level && one.IsWrite == counts.IsWrite) : null;
                var sum = new CallSum();
                sum.Add(counts.Latencies, old?.Latencies);
                foreach (var (code, count) in counts.Failures) sum.AddFailures(code, count, old?.Failures.GetValueOrDefault(code) ?? 0);
                if (!sum.HasSome) continue;
                if (!levels.TryGetValue((counts.Level, counts.IsWrite), out var figures))
                    levels[(counts.Level, counts.IsWrite)] = figures = new Figures();
                figures.Add(sum, seconds);
                (counts.IsWrite ? writes : reads).Add(sum, seconds);
            }
        }

        return new CallActivity
        {
            Reads = reads.Told("", isWrite: false),
            Writes = writes.Told("", isWrite: true),
            Levels = [.. levels.Select(static one => one.Value.Told(one.Key.Level, one.Key.IsWrite))],
        };
    }

    private sealed class Figures
    {
        private readonly CallSum _sum = new();
        private readonly SortedDictionary<string, double> _failures = new(StringComparer.Ordinal);
        private double _perSecond;

        public void Add(CallSum sum, double seconds)
        {
            _sum.Add(sum);
            _perSecond += sum.Done / seconds;
            foreach (var (code, count) in sum.Failed) _failures[code] = _failures.GetValueOrDefault(code) + (count / seconds);
        }

        public CallFigures Told(string level, bool isWrite) => new()
        {
            Level = level,
            IsWrite = isWrite,
            PerSecond = _perSecond,
            Median = TimeSpan.FromMicroseconds(_sum.Quantile(0.5)),
            P99 = TimeSpan.FromMicroseconds(_sum.Quantile(0.99)),
            Failures = _failures,
        };
    }
}

/// <summary>Rates and latencies of calls.</summary>
public sealed record CallFigures
{
    /// <summary>As in <see cref="CallCounts.Level"/>; empty for all levels together.</summary>
    public string Level { get; init; } = "";

    /// <summary>Whether they are writes.</summary>
    public bool IsWrite { get; init; }

    /// <summary>Calls done, a second.</summary>
    public double PerSecond { get; init; }

    /// <summary>Half of the calls done took no longer, to a quarter of it; zero where there was none.</summary>
    public TimeSpan Median { get; init; }

    /// <summary>99 of 100 calls done took no longer, to a quarter of it; zero where there was none.</summary>
    public TimeSpan P99 { get; init; }

    /// <summary>Calls that failed, a second, by the code of the error.</summary>
    public IReadOnlyDictionary<string, double> Failures { get; init; } = new Dictionary<string, double>();

    /// <summary>Calls that failed, a second.</summary>
    public double FailuresPerSecond => Failures.Values.Sum();
}

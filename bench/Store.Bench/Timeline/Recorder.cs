using System.Collections.Concurrent;
using HdrHistogram;

namespace Gossipdb.Bench.Timeline;

/// <summary>What became of calls, by when they ended: a histogram of latencies for each slice of the time.</summary>
internal sealed class Recorder
{
    /// <summary>The length of a slice.</summary>
    public static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(250);

    private const long LongestUs = 60_000_000;
    private readonly ConcurrentDictionary<int, Cell> _cells = [];

    public void Done(TimeSpan at, TimeSpan latency) =>
        CellAt(at).Latencies.RecordValue(Math.Clamp((long)latency.TotalMicroseconds, 1, LongestUs));

    public void Failed(TimeSpan at, string error) => CellAt(at).Errors.AddOrUpdate(error, 1, static (_, count) => count + 1);

    /// <summary>What ended from one moment to another, slices that lie in between whole.</summary>
    public Tally Between(TimeSpan from, TimeSpan until)
    {
        var latencies = new LongHistogram(LongestUs, 2);
        var errors = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (first, end) = ((int)Math.Ceiling(from / Slice), (int)(until / Slice));
        for (var i = first; i < end; i++)
        {
            if (!_cells.TryGetValue(i, out var cell)) continue;
            latencies.Add(cell.Latencies);
            foreach (var (error, count) in cell.Errors) errors[error] = errors.GetValueOrDefault(error) + count;
        }

        return new Tally(latencies, errors, (end - first) * Slice);
    }

    /// <summary>Each slice that lies within a time, by its beginning.</summary>
    public IEnumerable<(TimeSpan At, Tally Tally)> Slices(TimeSpan from, TimeSpan until)
    {
        for (var at = Math.Ceiling(from / Slice) * Slice; at + Slice <= until; at += Slice) yield return (at, Between(at, at + Slice));
    }

    private Cell CellAt(TimeSpan at) => _cells.GetOrAdd((int)(at / Slice), static _ => new Cell());

    private sealed class Cell
    {
        public LongConcurrentHistogram Latencies { get; } = new(1, LongestUs, 2);

        public ConcurrentDictionary<string, int> Errors { get; } = [];
    }
}

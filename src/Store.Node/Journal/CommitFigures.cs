using System.Diagnostics;
using System.Diagnostics.Metrics;
using Gossipdb.Node.Observability;

namespace Gossipdb.Node.Journal;

/// <summary>What the commits of the journal take: how long each, and how much has come together for it, its group. Any thread.</summary>
internal sealed class CommitFigures
{
    private const long WindowMs = 10_000;

    // Close together where disks differ: a flush takes from tenths of a millisecond to tens of them.
    private static readonly double[] Seconds =
    [
        0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5,
        10,
    ];

    private static readonly long[] Sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096];
    private readonly Histogram<double> _duration;
    private readonly Histogram<long> _group;
    private readonly Lock _gate = new();
    private Counts _all;
    private long _windowEndsMs;
    private long _longestUs;
    private long _longestBeforeUs;
    private long _journalBytes;

    /// <param name="meter">Commits are rare enough that each is recorded.</param>
    public CommitFigures(NodeMeter meter)
    {
        _duration = meter.Meter.CreateHistogram(
            "gossipdb.journal.commit.duration", "s", "How long the commits of the journal took, the flush to the disk included.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        _group = meter.Meter.CreateHistogram(
            "gossipdb.journal.commit.events", "{event}", "How many events the commits of the journal had in them: the size of a group.",
            advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = Sizes });
    }

    /// <summary>All commits since the start.</summary>
    /// <param name="Commits">How many there were.</param>
    /// <param name="Events">Events in them.</param>
    /// <param name="Bytes">Bytes of them.</param>
    /// <param name="Microseconds">How long they took, all together.</param>
    /// <param name="LongestUs">How many microseconds the longest of the last ten to twenty seconds took.</param>
    public record struct Counts(long Commits, long Events, long Bytes, long Microseconds, long LongestUs);

    /// <summary>The bytes that the journal has now.</summary>
    public long JournalBytes
    {
        get => Volatile.Read(ref _journalBytes);
        set => Volatile.Write(ref _journalBytes, value);
    }

    /// <summary>What was counted so far.</summary>
    public Counts Read()
    {
        lock (_gate)
        {
            Turn();
            return _all with { LongestUs = Math.Max(_longestUs, _longestBeforeUs) };
        }
    }

    /// <summary>A commit is on the disk.</summary>
    /// <param name="began">The <see cref="Stopwatch"/>'s timestamp when it was given to the database.</param>
    /// <param name="events">Events in it.</param>
    /// <param name="bytes">Its bytes.</param>
    public void Committed(long began, int events, int bytes)
    {
        var took = Stopwatch.GetElapsedTime(began);
        _duration.Record(took.TotalSeconds);
        _group.Record(events);
        var us = (long)took.TotalMicroseconds;
        lock (_gate)
        {
            Turn();
            _all = new Counts(_all.Commits + 1, _all.Events + events, _all.Bytes + bytes, _all.Microseconds + us, 0);
            _longestUs = Math.Max(_longestUs, us);
        }
    }

    private void Turn()
    {
        var now = Environment.TickCount64;
        if (now < _windowEndsMs) return;
        _longestBeforeUs = now < _windowEndsMs + WindowMs ? _longestUs : 0;
        _longestUs = 0;
        _windowEndsMs = now + WindowMs;
    }
}

using System.Diagnostics;
using Gossipdb.Client;

namespace Gossipdb.Cli.Load;

/// <summary>Counts what becomes of rows and writes; called from many threads.</summary>
internal sealed class LoadTally
{
    private const int MaxProblems = 10;

    private readonly Stopwatch _clock = new();
    private readonly SortedList<long, RowProblem> _problems = [];
    private long _started, _rowsDone, _rowsFailed, _writes, _skippedNull, _malformed, _retries, _indeterminate, _refused;
    private volatile string? _stopped;

    /// <summary>Rows begun.</summary>
    public long Rows => Interlocked.Read(ref _started);

    /// <summary>Rows ended of which some write failed.</summary>
    public long RowsFailed => Interlocked.Read(ref _rowsFailed);

    public LoadReport Report
    {
        get
        {
            lock (_problems) return Told([.. _problems.Values]);
        }
    }

    public void Start() => _clock.Start();

    public void Stop() => _clock.Stop();

    public LoadRow NewRow(long line)
    {
        Interlocked.Increment(ref _started);
        return new LoadRow(line);
    }

    public void Written() => Interlocked.Increment(ref _writes);

    public void SkipNull() => Interlocked.Increment(ref _skippedNull);

    public void Retry() => Interlocked.Increment(ref _retries);

    /// <summary>The input was not read to its end.</summary>
    public void StopReading(string why) => _stopped = why;

    public void Malformed(LoadRow row, RowProblem problem)
    {
        Interlocked.Increment(ref _malformed);
        if (row.Fail()) Note(problem);
    }

    public void Failed(LoadRow row, GossipdbException problem)
    {
        Interlocked.Increment(ref problem is IndeterminateException ? ref _indeterminate : ref _refused);
        if (row.Fail()) Note(new RowProblem(row.Line, null, problem.Message));
    }

    public void End(LoadRow row)
    {
        if (row.End()) Interlocked.Increment(ref row.HasFailed ? ref _rowsFailed : ref _rowsDone);
    }

    // Writes end in any order: the first rows are those with the least lines. Two rows never begin in one line.
    private void Note(RowProblem problem)
    {
        lock (_problems)
        {
            _problems.TryAdd(problem.Line, problem);
            if (_problems.Count > MaxProblems) _problems.RemoveAt(MaxProblems);
        }
    }

    private LoadReport Told(IReadOnlyList<RowProblem> problems) => new()
    {
        RowsDone = Interlocked.Read(ref _rowsDone),
        RowsFailed = Interlocked.Read(ref _rowsFailed),
        Writes = Interlocked.Read(ref _writes),
        SkippedNull = Interlocked.Read(ref _skippedNull),
        Malformed = Interlocked.Read(ref _malformed),
        Retries = Interlocked.Read(ref _retries),
        Indeterminate = Interlocked.Read(ref _indeterminate),
        Refused = Interlocked.Read(ref _refused),
        Problems = problems,
        Stopped = _stopped,
        Elapsed = _clock.Elapsed,
    };
}

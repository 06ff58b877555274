using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Client;

namespace Gossipdb.Cli.Load;

/// <summary>How a load went, or how far it is.</summary>
internal sealed record LoadReport
{
    /// <summary>Rows of which every write was acked.</summary>
    public long RowsDone { get; init; }

    /// <summary>Rows of which some write failed, or could not be made of the row.</summary>
    public long RowsFailed { get; init; }

    /// <summary>Writes acked.</summary>
    public long Writes { get; init; }

    /// <summary>Writes left out because a column is null.</summary>
    public long SkippedNull { get; init; }

    /// <summary>Writes left out because the row is malformed, lacks a column, or holds no number where one is needed.</summary>
    public long Malformed { get; init; }

    /// <summary>Writes made again after they had been refused.</summary>
    public long Retries { get; init; }

    /// <summary>Writes of which it is unknown whether they take effect.</summary>
    public long Indeterminate { get; init; }

    /// <summary>Writes that failed otherwise, without effect.</summary>
    public long Refused { get; init; }

    /// <summary>What was wrong with the first rows that failed, one each, in the order of their lines.</summary>
    public IReadOnlyList<RowProblem> Problems { get; init; } = [];

    /// <summary>Why reading stopped before the end, and where; null where it did not.</summary>
    public string? Stopped { get; init; }

    public TimeSpan Elapsed { get; init; }

    public long Rows => RowsDone + RowsFailed;

    public double RowsPerSecond => Elapsed > TimeSpan.Zero ? Rows / Elapsed.TotalSeconds : 0;

    public ExitCode Exit => Indeterminate > 0 ? ExitCode.Indeterminate : RowsFailed > 0 || Stopped is not null ? ExitCode.Error : ExitCode.Ok;

    public IEnumerable<string> Lines()
    {
        yield return string.Create(
            CultureInfo.InvariantCulture, $"{RowsDone:N0} rows, {Writes:N0} writes in {Elapsed.TotalSeconds:0.0} s: {RowsPerSecond:N0} rows/s");
        if (SkippedNull > 0) yield return string.Create(CultureInfo.InvariantCulture, $"{SkippedNull:N0} writes left out: their column is null");
        if (Retries > 0) yield return string.Create(CultureInfo.InvariantCulture, $"{Retries:N0} retries of writes that were refused at first");
    }

    /// <summary>What failed, in one line; null where nothing did.</summary>
    public string? Problem()
    {
        if (Exit == ExitCode.Ok) return null;
        var failed = string.Create(
            CultureInfo.InvariantCulture,
            $"{RowsFailed:N0} of {Rows:N0} rows failed ({Refused:N0} writes refused, {Indeterminate:N0} indeterminate, {Malformed:N0} malformed)");
        return Stopped is null ? failed : string.Create(CultureInfo.InvariantCulture, $"stopped after {Rows:N0} rows: {Stopped}; {failed}");
    }

    /// <summary>The first rows that failed, a line each; null where none did.</summary>
    public string? Details()
    {
        if (Problems.Count == 0) return null;
        var more = RowsFailed - Problems.Count;
        string[] rest = more > 0 ? [string.Create(CultureInfo.InvariantCulture, $"… and {more:N0} more")] : [];
        return string.Join('\n', Problems.Select(static problem => problem.ToString()).Concat(rest).Select(static line => $"  {line}"));
    }

    public JsonObject ToJson() => new()
    {
        ["rows"] = Rows,
        ["rowsFailed"] = RowsFailed,
        ["writes"] = Writes,
        ["skippedNull"] = SkippedNull,
        ["malformed"] = Malformed,
        ["retries"] = Retries,
        ["indeterminate"] = Indeterminate,
        ["refused"] = Refused,
        ["seconds"] = Math.Round(Elapsed.TotalSeconds, 3),
        ["rowsPerSecond"] = Math.Round(RowsPerSecond),
        ["stopped"] = Stopped,
        ["problems"] = new JsonArray([.. Problems.Select(static problem =>
            (JsonNode)new JsonObject { ["line"] = problem.Line, ["column"] = problem.Column, ["message"] = problem.Message })]),
    };
}

/// <summary>A row under way: done when the last of its writes is.</summary>
internal sealed class LoadRow(long line)
{
    private int _pending = 1;
    private int _failed;

    /// <summary>The line it begins in.</summary>
    public long Line { get; } = line;

    public bool HasFailed => Volatile.Read(ref _failed) != 0;

    public void Begin() => Interlocked.Increment(ref _pending);

    /// <summary>True for the last one.</summary>
    public bool End() => Interlocked.Decrement(ref _pending) == 0;

    /// <summary>True for the first of its writes that fails.</summary>
    public bool Fail() => Interlocked.Exchange(ref _failed, 1) == 0;
}

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

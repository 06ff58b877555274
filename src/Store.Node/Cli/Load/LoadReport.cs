using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Client;

namespace Gossipdb.Node.Cli.Load;

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

    /// <summary>Writes left out because the row lacks a column or holds no number where one is needed.</summary>
    public long Malformed { get; init; }

    /// <summary>Writes made again after they had been refused.</summary>
    public long Retries { get; init; }

    /// <summary>Writes of which it is unknown whether they take effect.</summary>
    public long Indeterminate { get; init; }

    /// <summary>Writes that failed otherwise, without effect.</summary>
    public long Refused { get; init; }

    /// <summary>The first thing that went wrong; null where nothing did.</summary>
    public string? FirstProblem { get; init; }

    public TimeSpan Elapsed { get; init; }

    public long Rows => RowsDone + RowsFailed;

    public double RowsPerSecond => Elapsed > TimeSpan.Zero ? Rows / Elapsed.TotalSeconds : 0;

    public ExitCode Exit => RowsFailed == 0 ? ExitCode.Ok : Indeterminate > 0 ? ExitCode.Indeterminate : ExitCode.Error;

    public IEnumerable<string> Lines()
    {
        yield return string.Create(
            CultureInfo.InvariantCulture, $"{RowsDone:N0} rows, {Writes:N0} writes in {Elapsed.TotalSeconds:0.0} s: {RowsPerSecond:N0} rows/s");
        if (SkippedNull > 0) yield return string.Create(CultureInfo.InvariantCulture, $"{SkippedNull:N0} writes left out: their column is null");
        if (Retries > 0) yield return string.Create(CultureInfo.InvariantCulture, $"{Retries:N0} retries of writes that were refused at first");
        if (Malformed > 0) yield return string.Create(CultureInfo.InvariantCulture, $"{Malformed:N0} writes left out: the row does not fit the template");
    }

    /// <summary>What failed, in one line; null where nothing did.</summary>
    public string? Problem() => RowsFailed == 0
        ? null
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{RowsFailed:N0} rows failed ({Refused:N0} writes refused, {Indeterminate:N0} indeterminate, {Malformed:N0} malformed); the first: {FirstProblem}");

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
    };
}

/// <summary>A row under way: done when the last of its writes is.</summary>
internal sealed class LoadRow
{
    private int _pending = 1;
    private volatile bool _failed;

    public bool HasFailed => _failed;

    public void Begin() => Interlocked.Increment(ref _pending);

    /// <summary>True for the last one.</summary>
    public bool End() => Interlocked.Decrement(ref _pending) == 0;

    public void Fail() => _failed = true;
}

/// <summary>Counts what becomes of rows and writes; called from many threads.</summary>
internal sealed class LoadTally
{
    private readonly Stopwatch _clock = new();
    private long _started, _rowsDone, _rowsFailed, _writes, _skippedNull, _malformed, _retries, _indeterminate, _refused;
    private string? _firstProblem;

    /// <summary>Rows begun.</summary>
    public long Rows => Interlocked.Read(ref _started);

    /// <summary>Writes that failed for good.</summary>
    public long Failures => Interlocked.Read(ref _indeterminate) + Interlocked.Read(ref _refused);

    public LoadReport Report => new()
    {
        RowsDone = Interlocked.Read(ref _rowsDone),
        RowsFailed = Interlocked.Read(ref _rowsFailed),
        Writes = Interlocked.Read(ref _writes),
        SkippedNull = Interlocked.Read(ref _skippedNull),
        Malformed = Interlocked.Read(ref _malformed),
        Retries = Interlocked.Read(ref _retries),
        Indeterminate = Interlocked.Read(ref _indeterminate),
        Refused = Interlocked.Read(ref _refused),
        FirstProblem = _firstProblem,
        Elapsed = _clock.Elapsed,
    };

    public void Start() => _clock.Start();

    public void Stop() => _clock.Stop();

    public LoadRow NewRow()
    {
        Interlocked.Increment(ref _started);
        return new LoadRow();
    }

    public void Written() => Interlocked.Increment(ref _writes);

    public void SkipNull() => Interlocked.Increment(ref _skippedNull);

    public void Retry() => Interlocked.Increment(ref _retries);

    public void Malformed(LoadRow row, long line)
    {
        row.Fail();
        Interlocked.Increment(ref _malformed);
        Interlocked.CompareExchange(ref _firstProblem, $"line {line} does not fit the template", null);
    }

    public void Failed(LoadRow row, GossipdbException problem)
    {
        row.Fail();
        Interlocked.Increment(ref problem is IndeterminateException ? ref _indeterminate : ref _refused);
        Interlocked.CompareExchange(ref _firstProblem, problem.Message, null);
    }

    public void End(LoadRow row)
    {
        if (row.End()) Interlocked.Increment(ref row.HasFailed ? ref _rowsFailed : ref _rowsDone);
    }
}

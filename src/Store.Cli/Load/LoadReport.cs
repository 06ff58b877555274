using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;

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

    public ExitCode Exit =>
        Indeterminate > 0 ? ExitCode.Indeterminate : RowsFailed > 0 || Stopped is not null ? ExitCode.Error : ExitCode.Ok;

    public IEnumerable<string> Lines()
    {
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{RowsDone:N0} rows, {Writes:N0} writes in {Elapsed.TotalSeconds:0.0} s: {RowsPerSecond:N0} rows/s");
        if (SkippedNull > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{SkippedNull:N0} writes left out: their column is null");
        if (Retries > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{Retries:N0} retries of writes that were refused at first");
    }

    /// <summary>What failed, in one line; null where nothing did.</summary>
    public string? Problem()
    {
        if (Exit == ExitCode.Ok) return null;
        var failed = string.Create(
            CultureInfo.InvariantCulture,
            $"{RowsFailed:N0} of {Rows:N0} rows failed ({Refused:N0} writes refused, {Indeterminate:N0} indeterminate, {Malformed:N0} "
            + $"malformed)");
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

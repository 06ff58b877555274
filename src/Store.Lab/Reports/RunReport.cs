using Gossipdb.Checking;
using Gossipdb.Checking.History;
using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Verdicts;
using Gossipdb.Lab.Figures;
using Gossipdb.Lab.Results;

namespace Gossipdb.Lab.Reports;

/// <summary>
/// Makes the report of a run's directory from its <c>history.jsonl</c>, and of its <c>results.json</c> where it has one. A history of any
/// other store in the documented format gets a report too.
/// </summary>
public static class RunReport
{
    /// <summary>What the history is called in a run's directory.</summary>
    public const string HistoryName = "history.jsonl";

    /// <summary>
    /// Writes <c>report.html</c> into the directory, and completes its <c>results.json</c> by what was measured. Where there are no
    /// results, or they have no verdicts, the history is checked first.
    /// </summary>
    /// <param name="directory">The run's directory.</param>
    /// <param name="keys">The keys whose story is told; null or empty: those with the most to tell.</param>
    /// <param name="stop">Gives up the checks.</param>
    /// <returns>The report's path.</returns>
    /// <exception cref="FileNotFoundException">There is no history in the directory.</exception>
    /// <exception cref="FormatException">The history or the results cannot be read; the message names file and place.</exception>
    /// <exception cref="ArgumentException">A key is not in the history.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static string Write(string directory, IReadOnlyList<string>? keys = null, CancellationToken stop = default)
    {
        var history = Path.Combine(directory, HistoryName);
        if (!File.Exists(history)) throw new FileNotFoundException($"there is no {HistoryName} in {directory}", history);
        var resultsPath = Path.Combine(directory, RunResultsFile.Name);
        var results = File.Exists(resultsPath) ? RunResultsFile.Read(resultsPath) : null;
        var loaded = RecordedHistory.Load(history, stop);
        var verdicts = results is { Verdicts.Count: > 0 } ? results.Verdicts : HistoryChecks.Run(loaded, stop: stop);
        var report = Path.Combine(directory, ReportWriter.Name);
        var figures = ReportWriter.Write(report, () => Records(history, stop), results, verdicts, keys, loaded);
        if (results is not null) RunResultsFile.Write(resultsPath, results with { Verdicts = verdicts, Figures = figures });
        return report;
    }

    /// <summary>
    /// What was measured in a run: what its results say, or else what its history does.
    /// </summary>
    /// <param name="directory">The run's directory.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="FileNotFoundException">There are neither results nor a history in the directory.</exception>
    /// <exception cref="FormatException">One of them cannot be read; the message names file and place.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static MeasuredRun Load(string directory, CancellationToken stop = default)
    {
        var resultsPath = Path.Combine(directory, RunResultsFile.Name);
        var results = File.Exists(resultsPath) ? RunResultsFile.Read(resultsPath) : null;
        if (results is { Figures: { } known, Verdicts.Count: > 0 })
            return new MeasuredRun(results.Scenario, results, known, results.Verdicts);
        var history = Path.Combine(directory, HistoryName);
        if (!File.Exists(history))
            throw new FileNotFoundException(
                $"there is no {HistoryName}, nor a {RunResultsFile.Name} with figures, in {directory}", history);
        var verdicts = results is { Verdicts.Count: > 0 } ? results.Verdicts
            : HistoryChecks.Run(RecordedHistory.Load(history, stop), stop: stop);
        var content = ReportWriter.Measure(() => Records(history, stop), results, verdicts, []);
        return new MeasuredRun(content.Name, results, content.Measurement.Figures, verdicts);
    }

    private static IEnumerable<HistoryRecord> Records(string history, CancellationToken stop)
    {
        using var reader = new HistoryReader(history);
        foreach (var record in reader.ReadAll())
        {
            stop.ThrowIfCancellationRequested();
            yield return record;
        }
    }
}

/// <summary>A run in numbers.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Results">What it came to; null where all there is is a history.</param>
/// <param name="Figures">What was measured.</param>
/// <param name="Verdicts">What the checkers found.</param>
public sealed record MeasuredRun(string Name, RunResults? Results, RunFigures Figures, IReadOnlyList<Verdict> Verdicts);

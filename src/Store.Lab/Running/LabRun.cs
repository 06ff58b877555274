using System.Diagnostics;
using Gossipdb.Checking;
using Gossipdb.Checking.History;
using Gossipdb.Checking.Operations;
using Gossipdb.Lab.Expectations;
using Gossipdb.Lab.Reports;
using Gossipdb.Lab.Results;
using Gossipdb.LocalCluster;

namespace Gossipdb.Lab.Running;

/// <summary>
/// A run of a scenario from its beginning to its results. Its directory has <c>scenario.yaml</c>, <c>history.jsonl</c>,
/// <c>results.json</c> and <c>report.html</c> then.
/// </summary>
public static class LabRun
{
    private const string ScenarioName = "scenario.yaml";

    /// <summary>Runs a scenario, has its history checked, and says whether what was expected came true.</summary>
    /// <param name="options">What to run, and where.</param>
    /// <param name="observer">Is told how it goes.</param>
    /// <param name="stop">Ends it: what is recorded up to then stays in its directory.</param>
    /// <exception cref="LocalClusterException">The cluster does not start, or a node ended unplanned.</exception>
    /// <exception cref="Faults.FaultException">A fault of the timeline could not be brought about.</exception>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static async Task<RunResults> RunAsync(ScenarioRunOptions options, IRunObserver observer, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(observer);
        var (started, clock) = (DateTimeOffset.UtcNow, Stopwatch.StartNew());
        Directory.CreateDirectory(options.Directory);
        await File.WriteAllTextAsync(Path.Combine(options.Directory, ScenarioName), options.Scenario.Text, stop).ConfigureAwait(false);
        var history = await ScenarioRun.RunAsync(options, observer, stop).ConfigureAwait(false);

        observer.Doing("checking the history");
        var loaded = RecordedHistory.Load(history, stop);
        var verdicts = HistoryChecks.Run(loaded, stop: stop);
        var judge = new ExpectationJudge(new RunMeasurements(RecordsOf(history), verdicts));
        var results = new RunResults
        {
            Scenario = options.Scenario.Name,
            Title = options.Scenario.Title,
            Page = options.Scenario.Page,
            Seed = options.Seed,
            Started = started,
            Took = clock.Elapsed,
            Version = options.Version,
            Expectations = [.. options.Scenario.Expectations.Select(judge.Judge)],
            Verdicts = verdicts,
        };
        observer.Doing("writing the report");
        var called = RecordsOf(history).OfType<CallRecord>().Select(static call => call.Key).ToHashSet(StringComparer.Ordinal);
        var figures = ReportWriter.Write(
            Path.Combine(options.Directory, ReportWriter.Name),
            () => RecordsOf(history),
            results,
            keys: [.. options.Scenario.Inspect.Where(called.Contains)],
            loaded: loaded);
        results = results with { Figures = figures };
        RunResultsFile.Write(Path.Combine(options.Directory, RunResultsFile.Name), results);
        return results;
    }

    private static IEnumerable<HistoryRecord> RecordsOf(string history)
    {
        using var reader = new HistoryReader(history);
        foreach (var record in reader.ReadAll()) yield return record;
    }
}

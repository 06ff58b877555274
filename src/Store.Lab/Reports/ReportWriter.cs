using System.Text;
using Gossipdb.Checking.History;
using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Pbs;
using Gossipdb.Checking.Verdicts;
using Gossipdb.Lab.Figures;
using Gossipdb.Lab.Html;
using Gossipdb.Lab.Reports.Sections;
using Gossipdb.Lab.Results;

namespace Gossipdb.Lab.Reports;

/// <summary>
/// Makes a run's report: one page of HTML with everything in it, that fetches nothing and can be sent to anybody.
/// </summary>
public static class ReportWriter
{
    /// <summary>What the report is called in a run's directory.</summary>
    public const string Name = "report.html";

    private const int MostStories = 4;

    /// <summary>Writes the report of a history, and returns what was measured.</summary>
    /// <param name="path">The file. One that is there is replaced whole.</param>
    /// <param name="history">
    /// Reads the history from its beginning. It is called twice: the first reading finds the run's length and phases, the second counts
    /// the calls. So a history of any length takes the memory of its latencies, and not that of its calls.
    /// </param>
    /// <param name="results">What the run of a scenario came to; null where there is only a history.</param>
    /// <param name="verdicts">What the checkers found; null: what <paramref name="results"/> has.</param>
    /// <param name="keys">The keys whose story is told; null or empty: those with the most to tell.</param>
    /// <param name="loaded">The same history as checkers hold it; null: how old reads were is left out.</param>
    /// <exception cref="ArgumentException">A key is not in the history.</exception>
    /// <exception cref="IOException">The report cannot be written.</exception>
    public static RunFigures Write(
        string path,
        Func<IEnumerable<HistoryRecord>> history,
        RunResults? results = null,
        IReadOnlyList<Verdict>? verdicts = null,
        IReadOnlyList<string>? keys = null,
        RecordedHistory? loaded = null)
    {
        var content = Measure(history, results, verdicts ?? results?.Verdicts ?? [], keys ?? []);
        if (loaded is not null)
            content = content with { Staleness = StalenessFigures.Of(loaded), Visibility = PbsComparison.Of(loaded) };
        var beside = path + ".tmp";
        using (var file = new StreamWriter(beside, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)))
            Draw(content).WriteTo(file);
        File.Move(beside, path, overwrite: true);
        return content.Measurement.Figures;
    }

    /// <summary>Reads a history, twice, and measures what is told of it.</summary>
    internal static ReportContent Measure(
        Func<IEnumerable<HistoryRecord>> history, RunResults? results, IReadOnlyList<Verdict> verdicts, IReadOnlyList<string> keys)
    {
        var shown = verdicts.Where(static one => one.Judgement == Judgement.Fails)
            .SelectMany(static one => one.Evidence)
            .Concat((results?.Expectations ?? []).Where(static one => !one.IsMet).SelectMany(static one => one.Evidence));
        var evidence = shown.SelectMany(static one => one.Calls).Take(10_000).ToHashSet();
        var survey = HistorySurvey.Of(history(), evidence);
        var stories = keys.Count == 0
            ? survey.Telling(MostStories)
            : [.. keys.Select(key => survey.Find(key) ?? throw new ArgumentException($"nobody called the key '{key}' in this history"))];
        return new ReportContent(survey, RunMeasurement.Of(history(), survey, evidence, stories), results, verdicts);
    }

    /// <summary>The whole page.</summary>
    internal static Page Draw(ReportContent content) => new(
        $"{content.Name} · Gossipdb laboratory",
        HeadSection.Draw(content),
        new Element(
            "main",
            ExpectationSection.DrawMissed(content),
            TimelineSection.Draw(content),
            AvailabilitySection.Draw(content),
            OverTimeSection.Draw(content),
            LatencySection.Draw(content),
            StalenessSection.Draw(content),
            ConvergenceSection.Draw(content),
            StorySection.Draw(content),
            ExpectationSection.Draw(content),
            VerdictSection.Draw(content),
            NumbersSection.Draw(content)),
        new Element(
            "footer",
            Prose.Text("This page holds all it shows and fetches nothing. It was made from the run's ", Prose.Code("history.jsonl"),
                ", which has every call; ", Prose.Code("gossipdb lab check"), " checks that file again, and ",
                Prose.Code("gossipdb lab report"), " makes this page anew.")));
}

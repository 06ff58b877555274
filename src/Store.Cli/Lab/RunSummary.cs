using System.Globalization;
using Gossipdb.Checking;
using Gossipdb.Checking.Verdicts;
using Gossipdb.Cli.Output;
using Gossipdb.Lab.Reports;
using Gossipdb.Lab.Results;

namespace Gossipdb.Cli.Lab;

/// <summary>Prints what a run came to.</summary>
internal static class RunSummary
{
    private const int EvidenceShown = 3;

    public static void Print(Terminal terminal, RunResults results, string directory)
    {
        terminal.Line();
        foreach (var one in results.Expectations)
        {
            terminal.Markup($"{(one.IsMet ? "[green]met[/]    " : "[red]NOT MET[/]")}  {Terminal.Escape(one.Expectation)}");
            terminal.Line($"         {one.Measured}");
            if (one.IsMet) continue;
            foreach (var evidence in one.Evidence.Take(EvidenceShown)) terminal.Line($"           {evidence.Text}");
        }

        terminal.Line();
        var verdicts = results.Verdicts.Where(static one => one.Judgement != Judgement.NotApplicable).ToLookup(HistoryChecks.IsPromised);
        PrintVerdicts(terminal, "What is promised", verdicts[true], counts: true);
        PrintVerdicts(terminal, "What no store promises at every level", verdicts[false], counts: false);
        var report = Path.GetFullPath(Path.Combine(directory, ReportWriter.Name));
        var (met, took) = (results.Expectations.Count(static one => one.IsMet), results.Took.TotalSeconds);
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{results.Scenario}: {met} of {results.Expectations.Count} expectations met in {took:0} s; see {report}");
        terminal.Markup(results.IsMet ? $"[bold green]{Terminal.Escape(line)}[/]" : $"[bold red]{Terminal.Escape(line)}[/]");
    }

    private static void PrintVerdicts(Terminal terminal, string title, IEnumerable<Verdict> verdicts, bool counts)
    {
        var isFirst = true;
        foreach (var verdict in verdicts)
        {
            if (isFirst) terminal.Line($"{title}:");
            isFirst = false;
            terminal.Markup(
                $"{JudgementMarkup.Of(verdict.Judgement, counts)}{Terminal.Escape(verdict.Check)}: {Terminal.Escape(verdict.Summary)}");
        }

        if (!isFirst) terminal.Line();
    }

    public static void PrintAll(Terminal terminal, IReadOnlyList<RunResults> all)
    {
        terminal.Line();
        var table = Tables.New("scenario", "expectations met", "took", "not met");
        foreach (var one in all)
        {
            table.AddTextRow(
                one.Scenario,
                string.Create(
                    CultureInfo.InvariantCulture, $"{one.Expectations.Count(static each => each.IsMet)} of {one.Expectations.Count}"),
                string.Create(CultureInfo.InvariantCulture, $"{one.Took.TotalSeconds:0} s"),
                string.Join('\n', one.Expectations.Where(static each => !each.IsMet).Select(static each => each.Expectation)));
        }

        terminal.Render(table);
        var took = TimeSpan.FromTicks(all.Sum(static one => one.Took.Ticks));
        terminal.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{all.Count(static one => one.IsMet)} of {all.Count} scenarios came out as expected, in {took.TotalMinutes:0.0} minutes."));
    }
}

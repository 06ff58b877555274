using System.CommandLine;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Lab.Comparing;

namespace Gossipdb.Cli.Lab;

/// <summary><c>lab compare</c>: two runs side by side.</summary>
internal static class CompareCommand
{
    public static Command Create(Terminal terminal)
    {
        var a = new Argument<string>("A") { Description = "The directory of a run" };
        var b = new Argument<string>("B") { Description = "The directory of another one" };
        var to = new Option<string?>("--out")
        {
            Description = $"Where to write the page (default: {ComparisonPage.Name}; with --json none is written unless this is given)",
            HelpName = "FILE",
        };
        var json = new Option<bool>("--json") { Description = "Print the comparison as one JSON document, errors too" };
        var all = new Option<bool>("--all") { Description = "Also print what is about the same in both" };
        var command = new Command(
            "compare", "Put two runs side by side: throughput, latency, availability, staleness, convergence, and verdicts that differ")
        {
            a, b, to, all, json,
        };
        command.SetAction((parse, stop) => Task.Run(
            () =>
            {
                var (first, second) = (parse.GetRequiredValue(a), parse.GetRequiredValue(b));
                var comparison = RunComparison.Of(RunFiles.Load(first, stop), RunFiles.Load(second, stop), NameOf(first), NameOf(second));
                var page = parse.GetValue(to) ?? (parse.GetValue(json) ? null : ComparisonPage.Name);
                if (page is not null) RunFiles.Writing(page, () => ComparisonPage.Write(page, comparison));
                if (parse.GetValue(json)) terminal.Json(JsonNode.Parse(ComparisonPage.ToJson(comparison))!);
                else Print(terminal, comparison, parse.GetValue(all), page!);
                return (int)ExitCode.Ok;
            },
            stop));
        return command;
    }

    // Runs of one scenario have one name. Their directories differ.
    private static string NameOf(string directory) => Path.GetFileName(Path.GetFullPath(directory).TrimEnd(Path.DirectorySeparatorChar));

    private static void Print(Terminal terminal, RunComparison comparison, bool all, string page)
    {
        terminal.Line($"A is {comparison.A}");
        terminal.Line($"B is {comparison.B}");
        var shown = comparison.Figures.Where(figure => all || figure.IsDifferent).ToList();
        var table = Tables.New("", "", "A", "B", "change");
        string? group = null;
        foreach (var figure in shown)
        {
            table.AddTextRow(
                figure.Group == group ? "" : figure.Group,
                figure.Name,
                ComparisonPage.Text(figure.A, figure.Unit),
                ComparisonPage.Text(figure.B, figure.Unit),
                ComparisonPage.Change(figure));
            group = figure.Group;
        }

        if (shown.Count > 0) terminal.Render(table);
        var same = comparison.Figures.Count - shown.Count;
        if (same > 0) terminal.Line($"{same} figures are about the same; --all prints them too");
        Print(terminal, "check", comparison.Verdicts);
        Print(terminal, "expectation", comparison.Expectations);
        terminal.Line($"the page: {page}");
    }

    private static void Print(Terminal terminal, string what, IReadOnlyList<ComparedWords> words)
    {
        if (words.Count == 0)
        {
            terminal.Line($"every {what} came out alike");
            return;
        }

        var table = Tables.New($"{what} that came out differently", "A", "B");
        foreach (var one in words) table.AddTextRow(one.Name, one.A, one.B);
        terminal.Render(table);
    }
}

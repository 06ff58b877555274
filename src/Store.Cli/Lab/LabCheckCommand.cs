using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gossipdb.Checking;
using Gossipdb.Checking.Checks;
using Gossipdb.Checking.History;
using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Verdicts;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Lab.Words;

namespace Gossipdb.Cli.Lab;

/// <summary><c>lab check</c>: what a recorded history shows, of whatever store.</summary>
internal static class LabCheckCommand
{
    private const string HistoryFile = "history.jsonl";

    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("FILE")
        {
            Description = "A history (docs/history-format.md has the format), or the directory of a run",
        };
        var only = Parsers.Repeated("--check", $"Only this check; given again, this one too: {string.Join(", ", Names)}", "NAME", Find);
        var json = new Option<bool>("--json") { Description = "Print the verdicts as JSON, and nothing else" };
        var command = new Command("check", "Check a recorded history, of this store or of any other") { file, only, json };
        command.SetAction((parse, stop) =>
        {
            var (path, named) = (parse.GetRequiredValue(file), parse.GetValue(only) ?? []);
            var history = Load(path, stop);
            var verdicts = new List<(Verdict Verdict, bool Counts)>();
            foreach (var check in named.Length > 0 ? named : HistoryChecks.All)
            {
                foreach (var verdict in check.Check(history, stop))
                    verdicts.Add((verdict, verdict.Judgement == Judgement.Fails && (check.Promises(verdict) || named.Length > 0)));
            }

            if (parse.GetValue(json)) terminal.Json(Document(path, history, verdicts));
            else Print(terminal, path, history, verdicts);
            return Task.FromResult((int)(verdicts.Exists(static one => one.Counts) ? ExitCode.NotMet : ExitCode.Ok));
        });
        return command;
    }

    private static IEnumerable<string> Names => HistoryChecks.All.Select(static one => one.Name);

    /// <summary>Loads a history, and says what is wrong with one that is none.</summary>
    /// <exception cref="CliException">There is no such file, or it is no history.</exception>
    internal static RecordedHistory Load(string path, CancellationToken stop)
    {
        try
        {
            return RecordedHistory.Load(Directory.Exists(path) ? Path.Combine(path, HistoryFile) : path, stop);
        }
        catch (HistoryFormatException wrong)
        {
            throw CliException.Usage(wrong.Message);
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw CliException.Usage($"there is no history '{path}'");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{path} cannot be read: {problem.Message}");
        }
    }

    private static IHistoryCheck Find(string name)
    {
        if (HistoryChecks.All.FirstOrDefault(one => one.Name == name) is { } check) return check;
        var near = Nearest.Of(name, Names) is { } meant ? $"; did you mean '{meant}'?" : "";
        throw new FormatException($"there is no check '{name}'{near} (there are {string.Join(", ", Names)})");
    }

    private static void Print(
        Terminal terminal, string path, RecordedHistory history, List<(Verdict Verdict, bool Counts)> verdicts)
    {
        foreach (var (verdict, counts) in verdicts)
        {
            terminal.Markup($"{JudgementMarkup.Of(verdict.Judgement, counts)}{Terminal.Escape(verdict.Check)}");
            terminal.Line($"          {verdict.Summary}");
            foreach (var evidence in verdict.Evidence) terminal.Line($"          - {evidence.Text}");
        }

        terminal.Line();
        if (history.IsTruncated) terminal.Remark($"{path}: the last line was cut off, and is left out");
        var failing = verdicts.Count(static one => one.Counts);
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{Count(history.Calls, "call")} of {Count(history.Keys.Count, "object")}:"
                + $" {(failing == 0 ? "no check fails" : $"{failing} failed")}");
        terminal.Markup(failing == 0 ? $"[bold green]{line}[/]" : $"[bold red]{line}[/]");
        if (verdicts.Exists(static one => one.Verdict.Judgement == Judgement.Fails && !one.Counts))
            terminal.Line("What is told as 'fails' in small letters no store promises; name it with --check to have it counted.");
    }

    private static string Count(long count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:#,0} {what}{(count == 1 ? "" : "s")}");

    private static JsonObject Document(string path, RecordedHistory history, List<(Verdict Verdict, bool Counts)> verdicts) => new()
    {
        ["file"] = path,
        ["calls"] = history.Calls,
        ["objects"] = history.Keys.Count,
        ["isTruncated"] = history.IsTruncated,
        ["verdicts"] = new JsonArray([.. verdicts.Select(static one => (JsonNode)new JsonObject
        {
            ["check"] = one.Verdict.Check,
            ["judgement"] = JsonSerializer.SerializeToNode(one.Verdict.Judgement),
            ["counts"] = one.Counts,
            ["summary"] = one.Verdict.Summary,
            ["evidence"] = new JsonArray([.. one.Verdict.Evidence.Select(static evidence => (JsonNode)new JsonObject
            {
                ["text"] = evidence.Text,
                ["calls"] = new JsonArray([.. evidence.Calls.Select(static call => (JsonNode)call)]),
            })]),
            ["figures"] = new JsonObject(one.Verdict.Figures.Select(
                static pair => KeyValuePair.Create(pair.Key, (JsonNode?)JsonValue.Create(pair.Value)))),
        })]),
    };
}

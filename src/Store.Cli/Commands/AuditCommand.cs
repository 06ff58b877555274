using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;

namespace Gossipdb.Cli.Commands;

/// <summary><c>audit</c>: reads a node's audit log, which may be written meanwhile.</summary>
internal static class AuditCommand
{
    private static readonly string[] Outcomes = ["done", "denied", "failed"];

    public static Command Create(CommonOptions options, Terminal terminal)
    {
        var directory = new Argument<string>("DATA_DIR") { Description = "A node's data directory" };
        var since = Parsers.Option<DateTimeOffset?>(
            "--since",
            "Only what happened from this moment on: 2026-11-01, or 2026-11-01T08:00:00Z",
            "TIME",
            static text => Parsers.Moment(text));
        var who = new Option<string?>("--who") { Description = "Only what this user did", HelpName = "USER" };
        var outcome = new Option<string?>("--outcome")
        {
            Description = $"Only what ended so: {string.Join(", ", Outcomes)}",
            HelpName = "OUTCOME",
        };
        outcome.AcceptOnlyFromAmong(Outcomes);
        var command = new Command("audit", "Show who did what at a node: its audit log")
        {
            directory, since, who, outcome, options.Json,
        };
        command.SetAction(parse =>
        {
            var lines = Read(parse.GetRequiredValue(directory), terminal)
                .Where(line => parse.GetValue(since) is not { } from || MomentOf(line) >= from)
                .Where(line => parse.GetValue(who) is not { } user || Text(line, "who") == user)
                .Where(line => parse.GetValue(outcome) is not { } wanted || Text(line, "outcome") == wanted);
            if (parse.GetValue(options.Json))
            {
                terminal.Json(new JsonArray([.. lines]));
                return (int)ExitCode.Ok;
            }

            var table = Tables.New("when (UTC)", "node", "who", "from", "action", "outcome", "what");
            foreach (var line in lines)
            {
                var how = Text(line, "how");
                table.AddTextRow(
                    Text(line, "when"),
                    Text(line, "node"),
                    Text(line, "who") is { Length: > 0 } user ? $"{user}{(how is "" or "none" ? "" : $" ({how})")}" : "",
                    Text(line, "from"),
                    Text(line, "action"),
                    Text(line, "outcome"),
                    string.Join(": ", new[] { Text(line, "what"), Text(line, "detail") }.Where(static text => text.Length > 0)));
            }

            terminal.Render(table);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    // All lines, in the order they were written.
    private static IEnumerable<JsonObject> Read(string data, Terminal terminal)
    {
        var directory = Path.Combine(data, "audit");
        if (!Directory.Exists(directory))
            throw CliException.Usage($"there is no audit log in '{data}': it lies in the data directory of a node, under audit/");
        var unreadable = 0;
        var files = new DirectoryInfo(directory).GetFiles("*.jsonl").Select(static file => (File: file, Place: PlaceOf(file.Name)));
        foreach (var (file, _) in files.OrderBy(static one => one.Place))
        {
            foreach (var text in Lines(file))
            {
                if (Parse(text) is { } line) yield return line;
                else unreadable++;
            }
        }

        // A full disk cuts a line off.
        if (unreadable > 0) terminal.Remark($"{unreadable} line{(unreadable == 1 ? " is" : "s are")} not of an audit log");
    }

    // audit-20261129.jsonl comes before audit-20261129_001.jsonl, and both before audit-20261129_1000.jsonl.
    private static (string Day, int Number) PlaceOf(string name)
    {
        var parts = Path.GetFileNameWithoutExtension(name).Split('_');
        return (parts[0], parts.Length > 1 && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var number) ? number : 0);
    }

    private static IEnumerable<string> Lines(FileInfo file)
    {
        StreamReader reader;
        try
        {
            reader = new StreamReader(
                new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"the audit log cannot be read, which only the node's own user may: {problem.Message}");
        }

        using (reader)
        {
            while (reader.ReadLine() is { } line) if (line.Length > 0) yield return line;
        }
    }

    private static JsonObject? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Text(JsonObject line, string name) => line[name]?.ToString() ?? "";

    private static DateTimeOffset MomentOf(JsonObject line) =>
        DateTimeOffset.TryParse(Text(line, "when"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var when)
            ? when
            : DateTimeOffset.MinValue;
}

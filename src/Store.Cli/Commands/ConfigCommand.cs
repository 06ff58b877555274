using System.CommandLine;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Nodes;
using Gossipdb.Cli.Output;
using Spectre.Console;

namespace Gossipdb.Cli.Commands;

/// <summary><c>config</c>: every setting of a node, its value and where that is from. It checks, too: it ends as a node would.</summary>
internal static class ConfigCommand
{
    public static Command Create(Terminal terminal, INodeRunner runner)
    {
        var settings = new SettingOptions();
        var prefix = new Argument<string>("PREFIX")
        {
            Description = "Only settings that begin so: gossipdb.log",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = static _ => string.Empty,
        };
        var changed = new Option<bool>("--changed") { Description = "Only what is not as it is by default" };
        var json = new Option<bool>("--json") { Description = "Answer in JSON" };
        var command = new Command("config", "Show a node's settings, where each has its value from, and whether a node starts with them")
        {
            prefix, settings.Config, settings.Set, changed, json,
        };
        command.SetAction(parse =>
        {
            var report = runner.ReadConfiguration(settings.Read(parse));
            var begin = parse.GetValue(prefix) ?? string.Empty;
            var shown = report.Settings.Where(setting => setting.Key.StartsWith(begin, StringComparison.Ordinal)
                && (!parse.GetValue(changed) || setting.Source != "default")).ToList();
            if (shown.Count == 0 && begin.Length > 0 && !parse.GetValue(changed))
                throw CliException.Usage($"no setting begins with '{begin}'");
            if (parse.GetValue(json)) terminal.Json(ToJson(shown, report.Problem));
            else terminal.Render(ToTable(shown));
            return report.Problem is null
                ? 0
                : throw new CliException(report.Problem, ExitCode.Usage) { IsAfterAnswer = true };
        });
        return command;
    }

    private static Table ToTable(IEnumerable<ReportedSetting> settings)
    {
        var table = Tables.New("setting", "value", "unit", "source");
        foreach (var setting in settings)
        {
            table.AddTextRow(
                setting.Key,
                Shown(setting),
                setting.Unit,
                setting.Place.Length > 0 ? setting.Place : setting.Source);
        }

        return table;
    }

    private static string Shown(ReportedSetting setting) => setting.Values switch
    {
        [] => "[]",
        [""] when !setting.IsList => "\"\"",
        _ => string.Join('\n', setting.Values),
    };

    private static JsonObject ToJson(IEnumerable<ReportedSetting> settings, string? problem) => new()
    {
        ["settings"] = new JsonArray([.. settings.Select(ToJson)]),
        ["problem"] = problem,
    };

    private static JsonObject ToJson(ReportedSetting setting)
    {
        var told = new JsonObject
        {
            ["key"] = setting.Key,
            ["value"] = Value(setting.Values, setting.IsList),
            ["default"] = setting.Default is { } usual ? Value(usual, setting.IsList) : null,
            ["unit"] = setting.Unit,
            ["source"] = setting.Source,
            ["place"] = setting.Place.Length > 0 ? setting.Place : null,
            ["variable"] = setting.Variable,
        };
        if (setting.Amount is { } amount) told[setting.Unit == "duration" ? "milliseconds" : "bytes"] = amount;
        return told;
    }

    private static JsonNode? Value(IReadOnlyList<string> values, bool isList) => isList
        ? new JsonArray([.. values.Select(static value => (JsonNode?)JsonValue.Create(value))])
        : JsonValue.Create(values.Count > 0 ? values[0] : string.Empty);
}

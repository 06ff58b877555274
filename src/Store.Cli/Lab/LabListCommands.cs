using System.CommandLine;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Lab.Scenarios;
using Gossipdb.Lab.Words;

namespace Gossipdb.Cli.Lab;

/// <summary><c>lab list</c>, <c>lab show</c>, <c>lab schema</c>: which scenarios there are, and how they are written.</summary>
internal static class LabListCommands
{
    public static Command List(Terminal terminal)
    {
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("list", "The scenarios that come with the laboratory") { json };
        command.SetAction(parse =>
        {
            if (parse.GetValue(json))
            {
                terminal.Json(new JsonArray([.. ShippedScenarios.All.Select(static one => (JsonNode)new JsonObject
                {
                    ["name"] = one.Name,
                    ["title"] = one.Title,
                    ["seconds"] = one.Duration.TotalSeconds,
                    ["page"] = one.Page,
                })]));
                return;
            }

            var table = Tables.New("scenario", "what it is about", "takes");
            foreach (var one in ShippedScenarios.All) table.AddTextRow(one.Name, one.Title, Quantities.Text(one.Duration));
            terminal.Render(table);
            terminal.Line($"'{Invocation.OfThis()} lab run NAME' runs one, 'lab show NAME' prints its page and its file.");
        });
        return command;
    }

    public static Command Show(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "The scenario" };
        var command = new Command("show", "Print a scenario's page and its file, to be copied and changed") { name };
        command.SetAction(parse =>
        {
            var scenario = Find(parse.GetRequiredValue(name));
            terminal.Line($"# {scenario.Title}");
            foreach (var line in scenario.Page.Split('\n')) terminal.Line(line.Length > 0 ? $"# {line}" : "#");
            terminal.Line();
            terminal.Line(scenario.Text.TrimEnd());
        });
        return command;
    }

    public static Command Schema(Terminal terminal)
    {
        var command = new Command("schema", "Print the JSON Schema of scenario files, for editors");
        command.SetAction(_ => terminal.Line(ShippedScenarios.Schema.TrimEnd()));
        return command;
    }

    /// <summary>A scenario that comes with the laboratory.</summary>
    /// <exception cref="CliException">There is none of the name.</exception>
    public static Scenario Find(string name) => ShippedScenarios.Find(name) ?? throw CliException.Usage(
        $"there is no scenario '{name}'{(Nearest.Of(name, ShippedScenarios.Names) is { } near ? $"; did you mean '{near}'?" : "")} "
        + "('gossipdb lab list' shows them; a file's name ends with .yaml or .yml, or has a / in it)");
}

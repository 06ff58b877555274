using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Gossipdb.Node.Cli.Commands;

/// <summary><c>types</c>: which data types there are, and what each does with concurrent changes.</summary>
internal static class TypesCommand
{
    private static readonly (string Name, string Commands, string Meaning)[] Types =
    [
        ("counter", "counter incr|decr|get|reset", "changes made at the same time add up; a reset cancels only what it had seen"),
        ("set", "set add|remove|members|contains|clear", "an addition wins over a removal made at the same time"),
        ("register", "register set|get", "one value; of those written at the same time the later (by hybrid clock) wins"),
        ("multi-value register", "register set|get --multi", "values written at the same time are all kept until a write that has seen them"),
        ("flag", "flag enable|disable|get", "enabling wins over disabling made at the same time"),
        ("map", "map incr|add|set|enable|…|get|remove", "named fields, each merging as its own type; an update wins over a removal of the field"),
    ];

    public static Command Create(CommonOptions options, Terminal terminal)
    {
        var command = new Command("types", "List the data types, and what becomes of changes made at the same time") { options.Json };
        command.SetAction(parse =>
        {
            if (parse.GetValue(options.Json)) terminal.Json(Document());
            else terminal.Render(Table());
        });
        return command;
    }

    private static JsonArray Document() =>
    [
        .. Types.Select(static type => (JsonNode)new JsonObject
        {
            ["type"] = type.Name,
            ["commands"] = type.Commands,
            ["concurrent"] = type.Meaning,
        }),
    ];

    private static Table Table()
    {
        var table = Tables.New("type", "commands", "changes made at the same time");
        foreach (var (name, commands, meaning) in Types) table.AddTextRow(name, commands, meaning);
        return table;
    }
}

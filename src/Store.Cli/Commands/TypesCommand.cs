using System.CommandLine;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;
using Spectre.Console;

namespace Gossipdb.Cli.Commands;

/// <summary><c>types</c>: which data types there are, and what each does with concurrent changes.</summary>
internal static class TypesCommand
{
    private static readonly (StoredType Type, string Commands, string Meaning)[] Types =
    [
        (StoredType.Counter, "counter incr|decr|get|reset", "changes made at the same time add up; a reset cancels only what it had seen"),
        (StoredType.GrowOnlyCounter, "grow-counter incr|get", "increments made at the same time add up; none is taken back"),
        (StoredType.BoundedCounter, "bounded-counter incr|decr|get", "never below zero, on any side of a cut: what finds too little left "
            + "is refused"),
        (StoredType.Set, "set add|remove|members|contains|count|page|…", "an addition wins over a removal made at the same time"),
        (StoredType.RemoveWinsSet, "remove-wins-set add|remove|members|…", "a removal wins over an addition made at the same time"),
        (StoredType.GrowOnlySet, "grow-set add|members|contains|count|page", "all additions stay; nothing is removed one by one"),
        (StoredType.SortedSet, "sorted-set set|incr|top|rank|score|range|…", "the later score wins, increments add up, and a change wins "
            + "over a removal"),
        (StoredType.Register, "register set|get", "the later (by hybrid clock) wins"),
        (StoredType.MultiRegister, "register set|get --multi", "all are kept until a write that has seen them"),
        (StoredType.MaxRegister, "max assign|get", "the greatest number assigned stays, whatever the order"),
        (StoredType.MinRegister, "min assign|get", "the least number assigned stays, whatever the order"),
        (StoredType.Flag, "flag enable|disable|get", "enabling wins over disabling made at the same time"),
        (StoredType.DisableWinsFlag, "disable-wins-flag enable|disable|get", "disabling wins over enabling made at the same time"),
        (StoredType.Map, "map incr|add|set|enable|get|count|page|…", "each field merges as its own type; an update wins over a removal "
            + "of the field"),
        (StoredType.Sequence, "sequence insert|append|delete|get|count", "what is inserted at one place is all kept, each run "
            + "in one piece"),
        (StoredType.Text, "text insert|append|delete|get|length", "what is typed at one place is all kept, each piece whole"),
        (StoredType.Json, "json set|insert|remove|get", "parts merge on their own; a change inside a part wins over its removal"),
        (StoredType.HyperLogLog, "hyperloglog add|count", "about how many distinct elements were added, on all sides together"),
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
            ["type"] = ValueOutput.NameOf(type.Type),
            ["commands"] = type.Commands,
            ["concurrent"] = type.Meaning,
        }),
    ];

    private static Table Table()
    {
        var table = Tables.New("type", "commands", "changes made at the same time");
        foreach (var (type, commands, meaning) in Types) table.AddTextRow(ValueOutput.NameOf(type), commands, meaning);
        return table;
    }
}

using System.CommandLine;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>map</c>: named fields, each of a type of its own.</summary>
internal static class MapCommands
{
    public static Command Create(DataCommands data)
    {
        var field = data.Bytes.One("FIELD", "The field");
        var fields = data.Bytes.Several("FIELD", "One or more fields");
        var page = new PageOptions();
        var amount = Parsers.Argument("N", "How much; 1 unless said otherwise", Parsers.Amount, static () => 1L);
        var elements = data.Bytes.Several("ELEMENT", "One or more elements");
        var value = data.Bytes.One("VALUE", "The value");
        var multi = new Option<bool>("--multi") { Description = "A multi-value register: concurrent values are all kept" };

        Command Update(string name, string description, IEnumerable<Symbol> more, Action<MapUpdate, Bytes, DataCall> change) =>
            data.Write(name, description, more.Prepend(field), call => Map(call).UpdateAsync(
                update => change(update, call.Get(field), call), call.Write, call.Stop));

        return new Command("map", "Named fields, each of a type of its own; every other command changes or reads one with --field")
        {
            Update("incr", "Add to a counter field", [amount], (update, name, call) => update.Increment(name, call.Get(amount))),
            Update("add", "Add elements to a set field", [elements], (update, name, call) => update.Add(name, call.Get(elements))),
            Update("remove-element", "Remove elements from a set field", [elements],
                (update, name, call) => update.Remove(name, call.Get(elements))),
            Update("set", "Write a register field", [value, multi], (update, name, call) =>
            {
                if (call.Get(multi)) update.SetMultiRegister(name, call.Get(value).Memory);
                else update.SetRegister(name, call.Get(value).Memory);
            }),
            Update("enable", "Switch a flag field on", [], static (update, name, _) => update.Enable(name)),
            Update("disable", "Switch a flag field off", [], static (update, name, _) => update.Disable(name)),
            data.Write("remove", "Remove fields, whatever their types", [fields],
                call => Map(call).RemoveAsync(call.Get(fields), call.Write, call.Stop)),
            Get(data),
            data.Read("count", "Print how many fields there are, without fetching them", [],
                static call => Map(call).ReadCountAsync(call.Read, call.Stop),
                static (_, count) => Answers.Number(StoredType.Map, count)),
            data.Read("page", "Print some of the fields, and how to go on", page.All,
                call => Map(call).ReadPageAsync(page.Cursor(call), page.Limit(call), call.Read, call.Stop),
                static (call, some) => Answers.Page(call, StoredType.Map, some, ValueOutput.Lines, ValueOutput.Json)),
        };
    }

    private static Command Get(DataCommands data)
    {
        var path = data.Bytes.Several(
            "FIELD", "One field, read alone; more words lead into maps in it. All fields where it is left out", orNone: true);
        return data.Read(
            "get", "Print the fields, or one of them", [path], call => ReadAsync(call, call.Get(path)), static (_, answer) => answer);
    }

    private static async Task<Result<Answer>> ReadAsync(DataCall call, Bytes[] path)
    {
        if (path.Length == 0)
        {
            var (map, read) = await Map(call).ReadAsync(call.Read, call.Stop);
            return new(new Answer(
                ValueOutput.Lines(map.Fields, call.Form),
                ValueOutput.Json(map.Fields, call.Form),
                ValueOutput.NameOf(StoredType.Map),
                $"the map {call.Shown} has no fields"), read);
        }

        var inner = path.SkipLast(1).Aggregate(Map(call), static (map, field) => map.Fields.Map(field));
        var (value, receipt) = await inner.ReadFieldAsync(path[^1], call.Read, call.Stop);
        return new(
            value is null
                ? new Answer([], null, null, $"the map {call.Shown} has no field '{string.Join('/', call.Form.Lines(path))}'")
                : new Answer(ValueOutput.Lines(value, call.Form), ValueOutput.Json(value, call.Form), ValueOutput.NameOf(value.Type)),
            receipt);
    }

    private static MapHandle Map(DataCall call) => call.Objects.Map(call.Name);
}

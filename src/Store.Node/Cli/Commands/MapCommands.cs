using System.CommandLine;
using System.Text.Json.Nodes;
using Gossipdb.Client;

namespace Gossipdb.Node.Cli.Commands;

/// <summary><c>map</c>: named fields, each of a type of its own.</summary>
internal static class MapCommands
{
    public static Command Create(DataCommands data)
    {
        var field = new Argument<string>("FIELD") { Description = "The field" };
        var fields = new Argument<string[]>("FIELD") { Description = "One or more fields", Arity = ArgumentArity.OneOrMore };
        var perhapsField = new Argument<string?>("FIELD") { Description = "One field; all where it is left out", Arity = ArgumentArity.ZeroOrOne };
        var amount = Parsers.Argument("N", "How much; 1 unless said otherwise", Parsers.Amount, static () => 1L);
        var elements = new Argument<string[]>("ELEMENT") { Description = "One or more elements", Arity = ArgumentArity.OneOrMore };
        var value = new Argument<string>("VALUE") { Description = "The value, as text" };
        var multi = new Option<bool>("--multi") { Description = "A multi-value register: concurrent values are all kept" };

        Command Update(string name, string description, IEnumerable<Symbol> more, Action<MapUpdate, string, DataCall> change) =>
            data.Write(name, description, more.Prepend(field), call => call.Client.Map(call.Key).UpdateAsync(
                update => change(update, call.Get(field), call), call.Write, call.Stop));

        return new Command("map", "Named fields, each a counter, set, register or flag of its own")
        {
            Update("incr", "Add to a counter field", [amount], (update, name, call) => update.Increment(name, call.Get(amount))),
            Update("add", "Add elements to a set field", [elements], (update, name, call) => update.Add(name, call.Get(elements))),
            Update("remove-element", "Remove elements from a set field", [elements],
                (update, name, call) => update.Remove(name, call.Get(elements))),
            Update("set", "Write a register field", [value, multi], (update, name, call) =>
            {
                if (call.Has(multi)) update.SetMultiRegister(name, call.Get(value));
                else update.SetRegister(name, call.Get(value));
            }),
            Update("enable", "Switch a flag field on", [], static (update, name, _) => update.Enable(name)),
            Update("disable", "Switch a flag field off", [], static (update, name, _) => update.Disable(name)),
            data.Write("remove", "Remove fields, whatever their types", [fields],
                call => call.Client.Map(call.Key).RemoveAsync(call.Get(fields), call.Write, call.Stop)),
            data.Read("get", "Print the fields, or one of them", [perhapsField],
                static call => call.Client.Map(call.Key).ReadAsync(call.Read, call.Stop),
                (call, map) => Tell(call, map, call.Parse.GetValue(perhapsField))),
        };
    }

    private static Answer Tell(DataCall call, MapValue map, string? field)
    {
        if (field is null) return new(ValueOutput.Lines(map), ValueOutput.Json(map), "map", $"the map '{call.Key}' has no fields");
        var found = map.Fields.Where(one => one.Name == field).ToList();
        var json = found switch
        {
            [] => null,
            [var one] => ValueOutput.Json(one.Value),
            _ => new JsonArray([.. found.Select(static one => ValueOutput.Json(one.Value))]),
        };
        var type = found is [var only] ? ValueOutput.NameOf(only.Type) : null;
        return new(found.SelectMany(static one => ValueOutput.Lines(one.Value)), json, type, $"the map '{call.Key}' has no field '{field}'");
    }
}

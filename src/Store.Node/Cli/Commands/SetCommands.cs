using System.CommandLine;
using System.Text.Json.Nodes;

namespace Gossipdb.Node.Cli.Commands;

/// <summary><c>set</c>: elements, of which concurrent additions win over removals.</summary>
internal static class SetCommands
{
    public static Command Create(DataCommands data)
    {
        var elements = new Argument<string[]>("ELEMENT") { Description = "One or more elements", Arity = ArgumentArity.OneOrMore };
        var element = new Argument<string>("ELEMENT") { Description = "An element" };
        return new Command("set", "A set of texts; an addition wins over a removal made at the same time")
        {
            data.Write("add", "Add elements, all in one write", [elements],
                call => call.Client.Set(call.Key).AddAsync(call.Get(elements), call.Write, call.Stop)),
            data.Write("remove", "Remove elements, all in one write", [elements],
                call => call.Client.Set(call.Key).RemoveAsync(call.Get(elements), call.Write, call.Stop)),
            data.Write("clear", "Remove every element it has seen", [],
                static call => call.Client.Set(call.Key).ClearAsync(call.Write, call.Stop)),
            data.Read("members", "Print the elements, one a line", [],
                static call => call.Client.Set(call.Key).ReadAsync(call.Read, call.Stop),
                static (call, members) => new Answer(members, ValueOutput.Json(members), "set", $"the set '{call.Key}' is empty")),
            data.Read("contains", "Print whether the set holds an element: yes or no", [element],
                call => call.Client.Set(call.Key).ReadContainsAsync(call.Get(element), call.Read, call.Stop),
                static (_, holds) => new Answer([holds ? "yes" : "no"], JsonValue.Create(holds), "set")),
        };
    }
}

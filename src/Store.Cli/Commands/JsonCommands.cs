using System.CommandLine;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>json</c>: a document, edited by path.</summary>
internal static class JsonCommands
{
    public static Command Create(DataCommands data)
    {
        var path = new Argument<string>("PATH") { Description = "A JSON pointer, as in /orders/0/name; '' for the whole document" };
        var perhaps = new Argument<string>("PATH")
        {
            Description = "A JSON pointer, as in /orders/0/name; the whole document where it is left out",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = static _ => "",
        };
        var value = new Argument<string>("JSON") { Description = """The value, as JSON: 5, true, '"a text"', '{"a":[1]}'""" };
        return new Command("json", "A JSON document; changes of different parts made at the same time are all kept")
        {
            data.Write("set", "Put a value at a path", [path, value],
                call => Document(call).SetJsonAsync(call.Get(path), call.Get(value), call.Write, call.Stop)),
            data.Write("insert", "Insert a value into an array, before the element the path ends with ('-': at the end)", [path, value],
                call => Document(call).InsertJsonAsync(call.Get(path), call.Get(value), call.Write, call.Stop)),
            data.Write("remove", "Remove what is at a path", [path],
                call => Document(call).RemoveAsync(call.Get(path), call.Write, call.Stop)),
            data.Read("get", "Print the document, or what is at a path", [perhaps],
                call => Document(call).ReadJsonAsync(call.Get(perhaps), call.Read, call.Stop),
                static (call, json) => json is null
                    ? new Answer([], null, null, $"there is nothing there in {call.Shown}")
                    : new Answer([JsonText.Readable(json)], JsonNode.Parse(json), ValueOutput.NameOf(StoredType.Json))),
        };
    }

    private static JsonHandle Document(DataCall call) => call.Objects.Json(call.Name);
}

using System.CommandLine;
using System.Text.Json.Nodes;

namespace Gossipdb.Node.Cli.Commands;

/// <summary>Commands on a key of whatever type.</summary>
internal static class KeyCommands
{
    public static Command Get(DataCommands data) => data.Read(
        "get", "Print what a key holds, of whatever type", [],
        static call => call.Client.ReadAsync(call.Key, call.Read, call.Stop),
        static (call, value) => new Answer(
            value is null ? [] : ValueOutput.Lines(value),
            ValueOutput.Json(value),
            value is null ? null : ValueOutput.NameOf(value.Type),
            value is null ? $"nothing is stored at '{call.Key}'" : $"the {ValueOutput.NameOf(value.Type)} '{call.Key}' is empty"));

    public static Command Type(DataCommands data) => data.Read(
        "type", "Print the type of what a key holds", [],
        static call => call.Client.ReadAsync(call.Key, call.Read, call.Stop),
        static (call, value) => value is null
            ? new Answer([], null, null, $"nothing is stored at '{call.Key}'")
            : new Answer([ValueOutput.NameOf(value.Type)], JsonValue.Create(ValueOutput.NameOf(value.Type)), ValueOutput.NameOf(value.Type)));

    public static Command Delete(DataCommands data) => data.Write(
        "delete", "Delete a key, of whatever type; changes it has not seen yet survive", [],
        static call => call.Client.DeleteAsync(call.Key, call.Write, call.Stop));

    public static Command Reset(DataCommands data) => CounterCommands.Reset(data);
}

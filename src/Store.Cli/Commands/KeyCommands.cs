using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary>Commands on a key of whatever type.</summary>
internal static class KeyCommands
{
    public static Command Get(DataCommands data) => data.ReadKey(
        "get", "Print what a key holds, of whatever type", [],
        static call => call.Client.ReadAsync(call.Key, call.Read, call.Stop),
        static (call, value) => new Answer(
            value is null ? [] : ValueOutput.Lines(value, call.Form),
            ValueOutput.Json(value, call.Form),
            value is null ? null : ValueOutput.NameOf(value.Type),
            value is null ? Nothing(call) : $"the {ValueOutput.NameOf(value.Type)} {call.Shown} is empty"));

    public static Command Type(DataCommands data) => data.ReadKey(
        "type", "Print the type of what a key holds, without fetching it", [], Info,
        static (call, info) => info.Type == StoredType.None
            ? new Answer([], null, null, Nothing(call))
            : new Answer([ValueOutput.NameOf(info.Type)], JsonValue.Create(ValueOutput.NameOf(info.Type)), ValueOutput.NameOf(info.Type)));

    public static Command Delete(DataCommands data) => data.WriteKey(
        "delete", "Delete a key, of whatever type; changes it has not seen yet survive", [],
        static call => call.Client.DeleteAsync(call.Key, call.Write, call.Stop));

    public static Command Expire(DataCommands data)
    {
        var lifetime = Parsers.Required("TIME", "How long from now on: 30s, 15m, 12h, 7d", Parsers.Lifetime);
        return data.WriteKey(
            "expire", "Let a key live so long from now on; of lives given at the same time the longest wins", [lifetime],
            call => call.Client.ExpireAsync(call.Key, call.Get(lifetime), call.Write, call.Stop));
    }

    public static Command Persist(DataCommands data) => data.WriteKey(
        "persist", "Let a key live for ever", [], static call => call.Client.PersistAsync(call.Key, call.Write, call.Stop));

    public static Command TimeToLive(DataCommands data) =>
        data.ReadKey("ttl", "Print how long a key lives", [], Info, static (call, info) =>
        {
            if (info.Type == StoredType.None) return new Answer([], null, null, Nothing(call));
            if (info.ExpiresAt is not { } until) return new Answer(["for ever"], null, ValueOutput.NameOf(info.Type));
            var left = Math.Max(0, (until - DateTimeOffset.UtcNow).TotalSeconds);
            return new Answer(
                [string.Create(CultureInfo.InvariantCulture, $"{left:0.0}s, until {ValueOutput.Moment(until)}")],
                JsonValue.Create(ValueOutput.Moment(until)),
                ValueOutput.NameOf(info.Type));
        });

    private static Task<Result<KeyInfo>> Info(DataCall call) => call.Client.ReadInfoAsync(call.Key, call.Read, call.Stop);

    private static string Nothing(DataCall call) => $"nothing is stored at {call.Shown}";
}

using System.CommandLine;
using System.Text.Json.Nodes;

namespace Gossipdb.Node.Cli.Commands;

/// <summary><c>flag</c>: a switch, of which concurrent enabling wins.</summary>
internal static class FlagCommands
{
    public static Command Create(DataCommands data) => new("flag", "A switch; enabling wins over disabling made at the same time")
    {
        data.Write("enable", "Switch it on", [], static call => call.Client.Flag(call.Key).EnableAsync(call.Write, call.Stop)),
        data.Write("disable", "Switch it off", [], static call => call.Client.Flag(call.Key).DisableAsync(call.Write, call.Stop)),
        data.Read("get", "Print 'enabled' or 'disabled'", [],
            static call => call.Client.Flag(call.Key).ReadAsync(call.Read, call.Stop),
            static (_, enabled) => new Answer([ValueOutput.Switch(enabled)], JsonValue.Create(enabled), "flag")),
    };
}

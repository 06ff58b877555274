using System.CommandLine;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>flag</c> and <c>disable-wins-flag</c>: switches.</summary>
internal static class FlagCommands
{
    public static Command EnableWins(DataCommands data) => Create(
        data, "flag", "A switch; enabling wins over disabling made at the same time", static call => call.Objects.Flag(call.Name));

    public static Command DisableWins(DataCommands data) => Create(
        data, "disable-wins-flag", "A switch; disabling wins over enabling made at the same time",
        static call => call.Objects.DisableWinsFlag(call.Name));

    private static Command Create(DataCommands data, string name, string description, Func<DataCall, FlagHandle> flag) =>
        new(name, description)
        {
            data.Write("enable", "Switch it on", [], call => flag(call).EnableAsync(call.Write, call.Stop)),
            data.Write("disable", "Switch it off", [], call => flag(call).DisableAsync(call.Write, call.Stop)),
            data.Read("get", "Print 'enabled' or 'disabled'", [],
                call => flag(call).ReadAsync(call.Read, call.Stop),
                (call, enabled) =>
                    new Answer([ValueOutput.Switch(enabled)], JsonValue.Create(enabled), ValueOutput.NameOf(flag(call).Type))),
        };
}

using System.CommandLine;
using Gossipdb.Cli.Nodes;

namespace Gossipdb.Cli.Commands;

/// <summary><c>node</c>: runs one node in this process.</summary>
internal static class NodeCommand
{
    public static Command Create(INodeRunner runner)
    {
        var settings = new SettingOptions();
        var command = new Command("node", "Run one node until it is stopped") { settings.Config, settings.Set };
        command.SetAction((parse, stop) => runner.RunAsync(settings.Read(parse), stop));
        return command;
    }
}

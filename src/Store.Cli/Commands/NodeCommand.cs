using System.CommandLine;
using Gossipdb.Cli.Nodes;

namespace Gossipdb.Cli.Commands;

/// <summary><c>node</c>: runs one node in this process.</summary>
internal static class NodeCommand
{
    public static Command Create(INodeRunner runner)
    {
        var config = new Option<string>("--config")
        {
            Description = "The node's configuration file (HOCON)",
            HelpName = "FILE",
            Required = true,
        };
        var command = new Command("node", "Run one node until it is stopped") { config };
        command.SetAction(async (parse, stop) =>
        {
            var file = parse.GetRequiredValue(config);
            return File.Exists(file)
                ? await runner.RunAsync(file, stop)
                : throw new ConfigurationException($"there is no configuration file '{file}'");
        });
        return command;
    }
}

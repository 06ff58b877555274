using System.CommandLine;

namespace Gossipdb.Node.Cli.Commands;

/// <summary><c>node</c>: runs one node in this process.</summary>
internal static class NodeCommand
{
    public static Command Create()
    {
        var config = new Option<string>("--config") { Description = "The node's configuration file (HOCON)", HelpName = "FILE", Required = true };
        var command = new Command("node", "Run one node until it is stopped") { config };
        command.SetAction(async (parse, stop) =>
        {
            var file = parse.GetRequiredValue(config);
            return File.Exists(file)
                ? await NodeHost.RunAsync(file, stop)
                : throw new ConfigurationProblem($"there is no configuration file '{file}'");
        });
        return command;
    }
}

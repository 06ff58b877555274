using System.CommandLine;
using Gossipdb.Cli.Nodes;
using Gossipdb.Cli.Output;

namespace Gossipdb.Cli.Commands;

/// <summary>Where a node's settings come from: its file, and what goes before that. The environment is between the two.</summary>
internal sealed class SettingOptions
{
    public Option<string> Config { get; } = new("--config")
    {
        Description = "The node's configuration file (HOCON); without one environment and command line say everything",
        HelpName = "FILE",
    };

    public Option<string[]> Set { get; } = new("--set")
    {
        Description = "A setting, before file and environment (gossipdb.log.level=debug); may be given several times",
        HelpName = "KEY=VALUE",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>What the command line says.</summary>
    /// <exception cref="ConfigurationException">There is no such file.</exception>
    public NodeConfiguration Read(ParseResult parse)
    {
        var file = parse.GetValue(Config);
        if (file is { Length: 0 }) throw CliException.Usage("--config names no file");
        if (file is not null && !File.Exists(file)) throw new ConfigurationException($"there is no configuration file '{file}'");
        return new NodeConfiguration(file, parse.GetValue(Set) ?? []);
    }
}

using System.CommandLine;
using Gossipdb.Cli.Words;

namespace Gossipdb.Cli.Faults;

/// <summary>The option that says whose processes are meant, one instance for one parser.</summary>
internal sealed class FaultOptions
{
    public Option<string> Data { get; } = new("--data")
    {
        Description = "The data directory of the cluster that 'gossipdb up' runs: whose processes are meant",
        HelpName = "DIR",
        DefaultValueFactory = static _ => TlsOptions.LocalDirectory,
    };

    /// <summary>Why there is nobody to take orders, as a message goes on.</summary>
    public static string WhyNoProcesses(string data) =>
        $"that needs a cluster which 'gossipdb up' runs on this machine, and none runs in '{data}' (--data names another directory)";
}

using Gossipdb.Cli.Nodes;

namespace Gossipdb.Cli.Tests;

/// <summary>For commands that run no node.</summary>
internal sealed class NoNode : INodeRunner
{
    public static readonly NoNode Runner = new();

    public IStoredStates States => throw new InvalidOperationException("states were to be read");

    public DataVerification VerifyData(string directory) => throw new InvalidOperationException("data was to be verified");

    public (long Before, long After) Compact(string dataDirectory) => throw new InvalidOperationException("a journal was to be compacted");

    public Task<int> RunAsync(NodeConfiguration configuration, CancellationToken stop) =>
        throw new InvalidOperationException("a node was to be run");

    public ConfigurationReport ReadConfiguration(NodeConfiguration configuration) =>
        throw new InvalidOperationException("settings were to be read");
}

using Gossipdb.Cli.Nodes;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Server;

namespace Gossipdb.Node;

/// <summary>What the command line runs a node with.</summary>
internal sealed class NodeRunner : INodeRunner
{
    public IStoredStates States { get; } = new StoredStates();

    public DataVerification VerifyData(string directory)
    {
        var found = DataVerifier.Verify(directory);
        return new DataVerification(
            found.Path, found.Records, found.First, found.Last, found.Entries, found.Unchecked, found.Bytes, found.Layout, found.Problems);
    }

    public (long Before, long After) Compact(string dataDirectory)
    {
        try
        {
            return JournalCompaction.Run(dataDirectory);
        }
        catch (ConfigurationProblem problem)
        {
            throw new ConfigurationException(problem.Message);
        }
    }

    public async Task<int> RunAsync(string configPath, CancellationToken stop)
    {
        // Before the first socket: what a socket has read is handled on the thread that read it. A node's lanes never block that thread for
        // long. Only a node: a command that blocks on such a thread, at the console say, would wait for itself.
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        try
        {
            return await NodeHost.RunAsync(configPath, stop);
        }
        catch (ConfigurationProblem problem)
        {
            throw new ConfigurationException(problem.Message);
        }
    }
}

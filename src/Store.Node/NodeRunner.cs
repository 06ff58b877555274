using Gossipdb.Cli.Nodes;
using Gossipdb.Node.Configuration;

namespace Gossipdb.Node;

/// <summary>What the command line runs a node with.</summary>
internal sealed class NodeRunner : INodeRunner
{
    public async Task<int> RunAsync(string configPath, CancellationToken stop)
    {
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

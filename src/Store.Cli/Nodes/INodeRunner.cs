namespace Gossipdb.Cli.Nodes;

/// <summary>Runs a node in this process. The executable gives one to the command line, which knows no more of a node than this.</summary>
public interface INodeRunner
{
    /// <summary>Runs the node until it is stopped, or ends by itself.</summary>
    /// <param name="configPath">The node's configuration file.</param>
    /// <param name="stop">Asks it to stop.</param>
    /// <returns>The exit code of the process.</returns>
    /// <exception cref="ConfigurationException">It cannot start as configured.</exception>
    Task<int> RunAsync(string configPath, CancellationToken stop);

    /// <summary>Reads a stopped node's data directory, or a copy of one, and compares all checksums. Nothing in it is changed.</summary>
    /// <param name="directory">The directory.</param>
    /// <exception cref="IOException">It holds no journal, or a node is using it.</exception>
    DataVerification VerifyData(string directory);

    /// <summary>What the executable knows of states.</summary>
    IStoredStates States { get; }
}

namespace Gossipdb.Cli.Nodes;

/// <summary>Runs a node in this process. The executable gives one to the command line, which knows no more of a node than this.</summary>
public interface INodeRunner
{
    /// <summary>Runs the node until it is stopped, or ends by itself.</summary>
    /// <param name="configuration">What the command line says of its settings.</param>
    /// <param name="stop">Asks it to stop.</param>
    /// <returns>The exit code of the process.</returns>
    /// <exception cref="ConfigurationException">It cannot start as configured.</exception>
    Task<int> RunAsync(NodeConfiguration configuration, CancellationToken stop);

    /// <summary>Tells the settings that a node would start with here, and whether it would.</summary>
    /// <param name="configuration">What the command line says of them.</param>
    /// <exception cref="ConfigurationException">The file cannot be read, or something names no setting.</exception>
    ConfigurationReport ReadConfiguration(NodeConfiguration configuration);

    /// <summary>Reads a stopped node's data directory, or a copy of one, and compares all checksums. Nothing in it is changed.</summary>
    /// <param name="directory">The directory.</param>
    /// <exception cref="IOException">It holds no journal, or a node is using it.</exception>
    DataVerification VerifyData(string directory);

    /// <summary>Gives back what is free in the journal of a node that does not run.</summary>
    /// <param name="dataDirectory">The node's data directory.</param>
    /// <returns>How many bytes the journal's files had, and have.</returns>
    /// <exception cref="ConfigurationException">A node runs there, there is no journal, or it cannot be written.</exception>
    (long Before, long After) Compact(string dataDirectory);

    /// <summary>What the executable knows of states.</summary>
    IStoredStates States { get; }
}

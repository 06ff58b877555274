namespace Gossipdb.Cli.Nodes;

/// <summary>A node cannot start as configured. The message is the one line the user sees; it names the key, file or port.</summary>
/// <param name="message">What is wrong.</param>
public sealed class ConfigurationException(string message) : Exception(message);

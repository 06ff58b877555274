namespace Gossipdb.Node.Configuration;

/// <summary>A node cannot start as configured. The message is one line that names the key, file or port.</summary>
public sealed class ConfigurationProblem(string message) : Exception(message);

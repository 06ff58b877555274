namespace Gossipdb.Node.Configuration;

/// <summary>A node cannot start as configured. The message is one line that names the key, file or port.</summary>
internal sealed class ConfigurationProblem(string message) : Exception(message);

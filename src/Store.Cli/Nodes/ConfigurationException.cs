using Gossipdb.Lab.Words;

namespace Gossipdb.Cli.Nodes;

/// <summary>A node cannot start as configured. The message is the one line the user sees; it names the key, file or port.</summary>
/// <param name="message">What is wrong.</param>
public sealed class ConfigurationException(string message) : Exception(message)
{
    /// <summary>Something names what is not there: the nearest name that is goes with the message.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="word">The name that is not known.</param>
    /// <param name="known">Those that are.</param>
    public ConfigurationException(string message, string word, IEnumerable<string> known)
        : this(Nearest.Of(word, known) is { } near
            ? $"{message}; did you mean {near}?"
            : $"{message}; 'gossipdb config' lists all settings")
    {
    }
}

namespace Gossipdb.Node.Configuration;

/// <summary>A node cannot start as configured. The message is one line that names the key, file or port.</summary>
internal sealed class ConfigurationProblem(string message) : Exception(message)
{
    /// <summary>A word that is not known; null where the problem is another one.</summary>
    public string? Word { get; private init; }

    /// <summary>What the word could have been meant for.</summary>
    public IReadOnlyList<string> Known { get; private init; } = [];

    /// <summary>Something names what is not there.</summary>
    /// <param name="message">One line that says so.</param>
    /// <param name="word">The name.</param>
    /// <param name="known">What there is.</param>
    public static ConfigurationProblem Unknown(string message, string word, IReadOnlyList<string> known) =>
        new(message) { Word = word, Known = known };
}

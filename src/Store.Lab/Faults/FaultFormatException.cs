namespace Gossipdb.Lab.Faults;

/// <summary>
/// A fault's words make no sense. The message is one line, which names the word, where it stands, and what was probably meant.
/// </summary>
/// <param name="message">What is wrong.</param>
/// <param name="word">The word that is wrong; empty where one is missing.</param>
/// <param name="position">Where it begins in the text, from 0; the text's length where a word is missing at its end.</param>
public sealed class FaultFormatException(string message, string word, int position) : FormatException(message)
{
    /// <summary>The word that is wrong; empty where one is missing.</summary>
    public string Word { get; } = word;

    /// <summary>Where it begins in the text, from 0; the text's length where a word is missing at its end.</summary>
    public int Position { get; } = position;
}

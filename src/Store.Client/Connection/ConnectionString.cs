using System.Data.Common;

namespace Gossipdb.Client.Connection;

/// <summary>Options as one text.</summary>
internal static class ConnectionString
{
    public static GossipdbOptions Parse(string text)
    {
        var options = new GossipdbOptions();
        ApplyTo(options, text);
        return options;
    }

    public static void ApplyTo(GossipdbOptions options, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = new DbConnectionStringBuilder();
        try
        {
            words.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            // What the framework says may have the value in it.
            throw Wrong("is not of the form word=value;word=value");
        }

        foreach (string word in words.Keys)
        {
            if (OptionWord.OfWord(word) is not { } known)
            {
                var nearest = OptionWord.Nearest(word, OptionWord.All.Select(static each => each.Word));
                throw Wrong($"has a word that nobody knows, '{word}'{(nearest is null ? "" : $"; '{nearest}' is near")}");
            }

            if (!known.TrySet(options, (string)words[word])) throw Wrong($"has a {known.Word} that is not {known.Expected}");
        }

        if (options.Endpoints.Count == 0) throw Wrong("names no endpoints");
    }

    private static ArgumentException Wrong(string what) => new($"The connection string {what}.");
}

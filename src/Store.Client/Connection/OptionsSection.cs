using Microsoft.Extensions.Configuration;

namespace Gossipdb.Client.Connection;

/// <summary>
/// Options as a section of an application's configuration. By hand, so that nothing is reflected upon, and no key overlooked.
/// </summary>
internal static class OptionsSection
{
    private const string Whole = "ConnectionString";

    /// <exception cref="ArgumentException">A key is none, or its value; the message names the key, and never a value.</exception>
    public static void ApplyTo(GossipdbOptions options, IConfiguration section)
    {
        CheckKeys(section, "");
        if (section[Whole] is { Length: > 0 } text) ConnectionString.ApplyTo(options, text);
        foreach (var word in OptionWord.All)
        {
            if (ValueOf(section.GetSection(word.Key)) is { } value && !word.TrySet(options, value))
                throw new ArgumentException($"The setting {PathOf(section, word.Key)} is not {word.Expected}.");
        }
    }

    // A list is as good as the same with commas.
    private static string? ValueOf(IConfigurationSection setting)
    {
        if (setting.Value is not null) return setting.Value.Length == 0 ? null : setting.Value;
        var list = setting.GetChildren().Select(static each => each.Value).OfType<string>().ToList();
        return list.Count == 0 ? null : string.Join(',', list);
    }

    private static void CheckKeys(IConfiguration section, string within)
    {
        foreach (var child in section.GetChildren())
        {
            var key = within + child.Key;
            if (OptionWord.All.Any(word => word.Key.Equals(key, StringComparison.OrdinalIgnoreCase))
                || key.Equals(Whole, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (OptionWord.All.Any(word => word.Key.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase)))
            {
                CheckKeys(child, key + ":");
                continue;
            }

            var nearest = OptionWord.Nearest(key, OptionWord.All.Select(static word => word.Key).Append(Whole));
            throw new ArgumentException($"The setting {child.Path} is none of Gossipdb's"
                + (nearest is not null ? $"; {nearest} is near." : section is IConfigurationSection ? "."
                    : ": pass the section with the client's options, as in configuration.GetSection(\"Gossipdb\")."));
        }
    }

    private static string PathOf(IConfiguration section, string key) =>
        section is IConfigurationSection { Path: { Length: > 0 } path } ? $"{path}:{key}" : key;
}

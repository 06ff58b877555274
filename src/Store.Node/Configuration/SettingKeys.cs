using Akka.Configuration;

namespace Gossipdb.Node.Configuration;

/// <summary>Which settings there are: those of hocon/reference.conf, with the form that their defaults have.</summary>
internal static class SettingKeys
{
    private static readonly Dictionary<string, SettingForm> Forms = [];

    static SettingKeys()
    {
        Reference = ConfigurationFactory.ParseString(ReadReference());
        var keys = new List<string>();
        foreach (var key in LeavesOf(Reference))
        {
            keys.Add(key);
            Forms.Add(key, FormOf(key));
        }

        All = keys;
    }

    /// <summary>Every setting with its default.</summary>
    public static Config Reference { get; }

    /// <summary>The settings' keys, in the order of the reference.</summary>
    public static IReadOnlyList<string> All { get; }

    /// <summary>Whether there is such a setting.</summary>
    public static bool IsKnown(string key) => Forms.ContainsKey(key);

    /// <summary>What the values of a setting look like.</summary>
    public static SettingForm FormOfKnown(string key) => Forms[key];

    /// <summary>The keys of the values in a part of HOCON, down to the last section.</summary>
    /// <param name="config">The part.</param>
    /// <param name="path">Its own path; empty for all of it.</param>
    public static IEnumerable<string> LeavesOf(Config config, string path = "")
    {
        foreach (var (name, value) in config.AsEnumerable())
        {
            // Akka's names may hold dots and slashes: a path has those in quotes.
            var quoted = name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_') ? name : $"\"{name}\"";
            var key = path.Length == 0 ? quoted : $"{path}.{quoted}";
            if (!value.IsObject())
            {
                yield return key;
                continue;
            }

            foreach (var leaf in LeavesOf(config.GetConfig(quoted), key)) yield return leaf;
        }
    }

    /// <summary>Whether what a part of HOCON says of a key is a list.</summary>
    // Akka takes any value for an array, a text for an empty one.
    public static bool IsList(Config config, string key) =>
        config.GetValue(key) is { } value && !value.IsString() && !value.IsObject();

    private static SettingForm FormOf(string key)
    {
        if (IsList(Reference, key)) return SettingForm.List;
        var text = Reference.GetString(key);
        if (text is "on" or "off") return SettingForm.Flag;
        if (text.Length == 0 || !char.IsAsciiDigit(text[0])) return SettingForm.Text;
        if (text.All(char.IsAsciiDigit)) return SettingForm.Number;
        if (text.Any(static letter => letter is '.' or ':')) return SettingForm.Text;
        if (!text.EndsWith('B')) return SettingForm.Duration;
        return key.EndsWith("rate", StringComparison.Ordinal) ? SettingForm.BytesPerSecond : SettingForm.Bytes;
    }

    private static string ReadReference()
    {
        using var stream = typeof(SettingKeys).Assembly.GetManifestResourceStream("reference.conf")
            ?? throw new InvalidOperationException("reference.conf is not embedded");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

using System.Data.Common;
using System.Globalization;

namespace Gossipdb.Node.Configuration;

/// <summary>One setting as it is in force.</summary>
/// <param name="Key">Its name in files.</param>
/// <param name="Values">Its value as it is written; several for a list; hidden where it is a secret.</param>
/// <param name="Default">What the reference says; null for one of Akka's.</param>
/// <param name="Form">What its values look like.</param>
/// <param name="Origin">Where it has its value from.</param>
/// <param name="Amount">Bytes, bytes a second or milliseconds, where the form is one of those and the value is of it.</param>
internal sealed record SettingRow(
    string Key, IReadOnlyList<string> Values, IReadOnlyList<string>? Default, SettingForm Form, SettingOrigin Origin, long? Amount);

/// <summary>All settings for people to read, right or wrong.</summary>
internal static class SettingTable
{
    private const string Hidden = "***";

    private static readonly string[] SecretWords = ["password", "secret", "token", "passphrase", "headers", "connection-string"];

    /// <summary>Every setting in the order of the reference, then what was set of Akka's.</summary>
    public static IReadOnlyList<SettingRow> Of(LayeredSettings layers) =>
        [.. SettingKeys.All.Concat(layers.AkkaKeys).Select(key => RowOf(key, layers))];

    private static SettingRow RowOf(string key, LayeredSettings layers)
    {
        var isKnown = SettingKeys.IsKnown(key);
        var form = isKnown ? SettingKeys.FormOfKnown(key)
            : SettingKeys.IsList(layers.All, key) ? SettingForm.List : SettingForm.Text;
        var values = ValuesOf(layers.All, key, form);
        return new SettingRow(
            key, [.. values.Select(text => Shown(key, text))], isKnown ? ValuesOf(SettingKeys.Reference, key, form) : null, form,
            layers.OriginOf(key), values is [var single] ? AmountOf(form, single) : null);
    }

    private static IReadOnlyList<string> ValuesOf(Akka.Configuration.Config config, string key, SettingForm form)
    {
        try
        {
            return form == SettingForm.List && SettingKeys.IsList(config, key)
                ? [.. config.GetStringList(key)]
                : [config.GetString(key, string.Empty).Trim()];
        }
        catch (Exception)
        {
            return ["not a single value"];
        }
    }

    // Names of files that hold secrets are none. Of a connection string only what is secret in it is hidden.
    private static string Shown(string key, string value)
    {
        if (value.Length == 0 || key.EndsWith("-file", StringComparison.Ordinal)) return value;
        var name = key[(key.LastIndexOf('.') + 1)..].Trim('"');
        if (!SecretWords.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase))) return value;
        if (!name.Contains("connection-string", StringComparison.OrdinalIgnoreCase)) return Hidden;
        try
        {
            var parts = new DbConnectionStringBuilder { ConnectionString = value };
            foreach (string word in parts.Keys)
            {
                if (word.Contains("pass", StringComparison.OrdinalIgnoreCase) || word.Equals("pwd", StringComparison.OrdinalIgnoreCase))
                    parts[word] = Hidden;
            }

            return parts.ConnectionString;
        }
        catch (ArgumentException)
        {
            return Hidden;
        }
    }

    private static long? AmountOf(SettingForm form, string value)
    {
        var text = value.TrimStart('+', '-');
        var end = text.AsSpan().IndexOfAnyExceptInRange('0', '9') is >= 0 and var at ? at : text.Length;
        if (!long.TryParse(text.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
        long? factor = (form, text[end..].Trim()) switch
        {
            (SettingForm.Bytes or SettingForm.BytesPerSecond, "" or "B") => 1,
            (SettingForm.Bytes or SettingForm.BytesPerSecond, "KiB") => 1L << 10,
            (SettingForm.Bytes or SettingForm.BytesPerSecond, "MiB") => 1L << 20,
            (SettingForm.Bytes or SettingForm.BytesPerSecond, "GiB") => 1L << 30,
            (SettingForm.Duration, "ms") => 1,
            (SettingForm.Duration, "s") => 1_000,
            (SettingForm.Duration, "m") => 60_000,
            (SettingForm.Duration, "h") => 3_600_000,
            _ => null,
        };
        return factor is { } by && number <= long.MaxValue / by ? (value.StartsWith('-') ? -number : number) * by : null;
    }
}

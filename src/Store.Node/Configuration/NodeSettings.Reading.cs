using System.Globalization;

namespace Gossipdb.Node.Configuration;

// Single values, each of its form. Whatever has another one is refused with its key and the place that says so.
internal sealed partial class NodeSettings
{
    private string Text(string key)
    {
        var value = Raw(key);
        return value.Length > 0 ? value : throw Wrong(key, "is not set");
    }

    private int Int(string key, int low, int high) =>
        int.TryParse(Raw(key), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= low && value <= high
            ? value
            : throw Wrong(key, $"is '{Raw(key)}'; wanted is a number from {low} to {high}");

    private bool Flag(string key) => OneOf(key, "on", "off", "true", "false", "yes", "no") is "on" or "true" or "yes";

    private string OneOf(string key, params string[] allowed)
    {
        var value = Raw(key).ToLowerInvariant();
        return allowed.Contains(value) ? value : throw Wrong(key, $"is '{value}'; wanted is one of {string.Join(", ", allowed)}");
    }

    private long Milliseconds(string key, long low)
    {
        var raw = Raw(key);
        var digits = raw.TakeWhile(char.IsAsciiDigit).Count();
        var factor = raw[digits..].Trim() switch { "ms" => 1L, "s" => 1_000L, "m" => 60_000L, _ => 0L };
        return factor > 0
            && long.TryParse(raw.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value * factor >= low
            && value < 1_000_000
            ? value * factor
            : throw Wrong(key, $"is '{raw}'; wanted is a duration such as 200ms, 5s or 1m, of at least {low} ms");
    }

    private long SignedMilliseconds(string key)
    {
        var raw = Raw(key);
        var digits = raw.AsSpan().TrimStart("+-");
        var end = digits.IndexOfAnyExceptInRange('0', '9');
        var factor = end < 0 ? 0 : digits[end..].Trim() switch { "ms" => 1L, "s" => 1_000L, "m" => 60_000L, "h" => 3_600_000L, _ => 0L };
        return factor > 0
            && raw.Length - digits.Length < 2
            && long.TryParse(digits[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value < 1_000_000
            ? (raw.StartsWith('-') ? -value : value) * factor
            : throw Wrong(key, $"is '{raw}'; wanted is a duration such as -20s, +500ms or 1h");
    }

    private int Size(string key, long low, long high)
    {
        var raw = Raw(key);
        var digits = raw.TakeWhile(char.IsAsciiDigit).Count();
        var factor = raw[digits..].Trim() switch { "" or "B" => 1L, "KiB" => 1L << 10, "MiB" => 1L << 20, "GiB" => 1L << 30, _ => 0L };
        return factor > 0
            && long.TryParse(raw.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value < 1L << 31
            && value * factor >= low && value * factor <= high
            ? (int)(value * factor)
            : throw Wrong(key, $"is '{raw}'; wanted is a size such as 512, 64KiB or 1MiB, from {low} to {high} bytes");
    }

    private ConsistencyLevel Level(string key) =>
        ConsistencyLevel.TryParse(Raw(key), out var level)
            ? level
            : throw Wrong(key, $"is '{Raw(key)}'; wanted is one, two, quorum, all or a number, or one of these with -sloppy behind it");

    private void RefuseMoreThanReplicas(string key, ConsistencyLevel level)
    {
        var replicas = Math.Min(Replication, Nodes.Count);
        if (level.Resolve(replicas) > replicas) throw Wrong(key, $"asks for {level.Count} replicas; a partition has {replicas}");
    }

    private string Raw(string key)
    {
        try
        {
            return _config.GetString(key, string.Empty).Trim();
        }
        catch (Exception)
        {
            throw Wrong(key, "is not a single value");
        }
    }

    private ConfigurationProblem Wrong(string key, string what) => new($"{_layers.PlaceOf(key)}: {key} {what}");
}

using System.Globalization;

namespace Gossipdb.Lab.Words;

/// <summary>Quantities as scenario files and the shell write them: <c>80ms</c>, <c>2 %</c>, <c>50/s</c>.</summary>
public static class Quantities
{
    /// <summary>What a duration looks like, for messages.</summary>
    public const string DurationForm = "a duration, as 500ms, 2s or 1m";

    private static readonly (string Unit, long Ticks)[] DurationUnits =
    [
        ("us", TimeSpan.TicksPerMicrosecond),
        ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute),
    ];

    /// <summary>Reads a duration: a number that is not negative, and us, ms, s or m.</summary>
    /// <param name="text">The words; blanks between number and unit are allowed.</param>
    /// <param name="duration">The duration.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = default;
        var (number, unit) = Split(text);
        if (number is not { } value || value < 0) return false;
        foreach (var (name, ticks) in DurationUnits)
        {
            if (unit != name) continue;
            if (value * ticks > TimeSpan.TicksPerDay) return false;
            duration = TimeSpan.FromTicks((long)Math.Round(value * ticks));
            return true;
        }

        return value == 0 && unit.Length == 0;
    }

    /// <summary>Reads a share: <c>2 %</c> is 0.02, and so is <c>0.02</c>.</summary>
    public static bool TryShare(string text, out double share)
    {
        var (number, unit) = Split(text);
        share = (number ?? 0) / (unit == "%" ? 100 : 1);
        return number is not null && unit is "" or "%";
    }

    /// <summary>Reads a rate: <c>50/s</c>, in events a second.</summary>
    public static bool TryRate(string text, out double perSecond)
    {
        var (number, unit) = Split(text);
        perSecond = number ?? 0;
        return number is > 0 && unit == "/s";
    }

    /// <summary>A duration in the unit that suits it.</summary>
    public static string Text(TimeSpan duration)
    {
        var ms = duration.TotalMilliseconds;
        return ms switch
        {
            0 => "0s",
            < 1 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMicroseconds:0.#}us"),
            < 1000 => string.Create(CultureInfo.InvariantCulture, $"{ms:0.##}ms"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.###}s"),
        };
    }

    private static (double? Number, string Unit) Split(string text)
    {
        text = text.Trim();
        var end = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] is '.' or '-' or '+')) end++;
        var isNumber = double.TryParse(text[..end], NumberStyles.Float, CultureInfo.InvariantCulture, out var number);
        return (isNumber ? number : null, text[end..].Trim());
    }
}

using System.Globalization;

namespace Gossipdb.Lab.Html;

/// <summary>Numbers as people read them.</summary>
internal static class Shown
{
    /// <summary>A count: "12,345".</summary>
    public static string Count(double count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A rate or another number with about three digits: "0.04", "3.2", "1,234".</summary>
    public static string Number(double number)
    {
        var size = Math.Abs(number);
        var form = size switch
        {
            0 => "0",
            >= 100 => "N0",
            >= 10 => "0.#",
            >= 1 => "0.##",
            >= 0.01 => "0.###",
            _ => "0.0e0",
        };
        return number.ToString(form, CultureInfo.InvariantCulture);
    }

    /// <summary>Milliseconds: "0.4 ms", "80 ms", "2.5 s".</summary>
    public static string Millis(double? millis) => millis switch
    {
        null => "–",
        >= 10_000 => $"{Number(Math.Round(millis.Value / 1000, 1))} s",
        >= 1000 => $"{(millis.Value / 1000).ToString("0.##", CultureInfo.InvariantCulture)} s",
        _ => $"{Number(Math.Round(millis.Value, millis.Value < 1 ? 3 : 2))} ms",
    };

    /// <summary>An instant in seconds: "12.3 s".</summary>
    public static string Seconds(double seconds) => seconds.ToString("0.###", CultureInfo.InvariantCulture) + " s";

    /// <summary>An instant of a history.</summary>
    public static string Instant(long micros) => (micros / 1e6).ToString("0.000", CultureInfo.InvariantCulture) + " s";

    /// <summary>
    /// A share as a percentage, 0 to 1. What is not all is never shown as 100 %, and what is not nothing never as 0 %.
    /// </summary>
    public static string Percent(double? share)
    {
        if (share is not { } part) return "–";
        if (part is <= 0 or >= 1) return part <= 0 ? "0 %" : "100 %";
        var percent = 100 * part;
        if (percent > 99.99) return "> 99.99 %";
        if (percent < 0.01) return "< 0.01 %";
        var form = percent is > 99 or < 1 ? "0.##" : percent is > 90 or < 10 ? "0.#" : "0";
        return percent.ToString(form, CultureInfo.InvariantCulture) + " %";
    }

    /// <summary>Bytes: "312 B", "4.2 kB".</summary>
    public static string Bytes(double bytes) => bytes switch
    {
        < 1e3 => $"{Count(bytes)} B",
        < 1e6 => $"{Number(Math.Round(bytes / 1e3, 1))} kB",
        _ => $"{Number(Math.Round(bytes / 1e6, 1))} MB",
    };

    /// <summary>A text cut to a length, with an ellipsis where something is missing.</summary>
    public static string Short(string text, int most)
    {
        if (text.Length <= most) return text;
        var end = char.IsHighSurrogate(text[most - 2]) ? most - 2 : most - 1;
        return string.Concat(text.AsSpan(0, end), "…");
    }
}

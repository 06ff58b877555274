using System.Globalization;

namespace Gossipdb.Lab.Faults;

/// <summary>Times, shares and rates with their units: "80ms", "2%", "1mb". What is printed is read again as the same.</summary>
internal static class Amounts
{
    private static readonly (string Unit, long Ticks)[] TimeUnits =
    [
        ("us", TimeSpan.TicksPerMicrosecond), ("ms", TimeSpan.TicksPerMillisecond), ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
    ];

    // Decimal units print; those of two are read too.
    private static readonly (string Unit, long Bytes)[] RateUnits =
        [("b", 1), ("kb", 1_000), ("mb", 1_000_000), ("gb", 1_000_000_000), ("kib", 1 << 10), ("mib", 1 << 20), ("gib", 1 << 30)];

    /// <summary>"80ms", "2s", "-5s": no more than a day either way, to the microsecond.</summary>
    /// <exception cref="FormatException">It is no time.</exception>
    public static TimeSpan Time(string text)
    {
        var (number, unit) = Split(text);
        if (unit.Length == 0 && number is not null) throw new FormatException($"'{text}' has no unit: write 500ms, 2s or 1m");
        var ticks = TimeUnits.FirstOrDefault(each => each.Unit == unit).Ticks;
        if (number is not { } amount || ticks == 0) throw new FormatException($"'{text}' is no time: write 500ms, 2s or 1m");
        if (Math.Abs(amount) > TimeSpan.TicksPerDay / ticks) throw new FormatException($"'{text}' is more than a day");
        return TimeSpan.FromMicroseconds((long)Math.Round(amount * ticks / TimeSpan.TicksPerMicrosecond));
    }

    /// <summary>"1ms/s": a time for each second.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static TimeSpan Drift(string text)
    {
        const string PerSecond = "/s";
        if (!text.EndsWith(PerSecond, StringComparison.Ordinal)) throw new FormatException($"'{text}' is no drift: write 1ms/s or -50us/s");
        return Time(text[..^PerSecond.Length]);
    }

    /// <summary>"2%", as a share of 1.</summary>
    /// <exception cref="FormatException">It is no percentage.</exception>
    public static double Percent(string text)
    {
        var (number, unit) = Split(text);
        return number is { } amount && unit == "%"
            ? (double)Math.Round(amount / 100, 9)
            : throw new FormatException($"'{text}' is no percentage: write 2% or 0.5%");
    }

    /// <summary>"1mb" or "1mb/s": bytes a second.</summary>
    /// <exception cref="FormatException">It is no rate.</exception>
    public static long Rate(string text)
    {
        var (number, unit) = Split(text.EndsWith("/s", StringComparison.Ordinal) ? text[..^2] : text);
        var bytes = RateUnits.FirstOrDefault(each => each.Unit.Equals(unit, StringComparison.OrdinalIgnoreCase)).Bytes;
        if (number is not { } amount || bytes == 0 || amount > long.MaxValue / bytes)
            throw new FormatException($"'{text}' is no rate: write 500kb or 1mb, in bytes a second");
        return (long)(amount * bytes);
    }

    /// <summary>As <see cref="Time"/> reads it: the largest unit of which it is a whole number.</summary>
    public static string Text(TimeSpan time)
    {
        var (unit, ticks) = TimeUnits.LastOrDefault(each => time.Ticks % each.Ticks == 0, TimeUnits[0]);
        return (time.Ticks / (decimal)ticks).ToString(CultureInfo.InvariantCulture) + unit;
    }

    /// <summary>With its sign, whichever it is.</summary>
    public static string SignedText(TimeSpan time) => (time > TimeSpan.Zero ? "+" : "") + Text(time);

    public static string PercentText(double share) => ((decimal)share * 100).ToString("0.############", CultureInfo.InvariantCulture) + "%";

    public static string RateText(long bytes)
    {
        var (unit, each) = RateUnits.Take(4).Last(one => bytes % one.Bytes == 0);
        return Text(bytes / each) + unit;
    }

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static (decimal? Number, string Unit) Split(string text)
    {
        var end = text.Length;
        while (end > 0 && !char.IsAsciiDigit(text[end - 1])) end--;
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        return decimal.TryParse(text[..end], Style, CultureInfo.InvariantCulture, out var number)
            ? (number, text[end..])
            : (null, text[end..]);
    }
}

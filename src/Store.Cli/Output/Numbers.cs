using System.Globalization;

namespace Gossipdb.Cli.Output;

/// <summary>Numbers of live figures, for people: few digits, always the same width at a size.</summary>
internal static class Numbers
{
    /// <summary>So many a second: 0.25, 12.5, 1,234.</summary>
    public static string Rate(double perSecond) => perSecond switch
    {
        < 0.005 => "0",
        < 10 => perSecond.ToString("0.##", CultureInfo.InvariantCulture),
        < 100 => perSecond.ToString("0.#", CultureInfo.InvariantCulture),
        _ => perSecond.ToString("#,0", CultureInfo.InvariantCulture),
    };

    /// <summary>A part of a whole: 0.4 %, 12 %.</summary>
    public static string Percent(double share) => share switch
    {
        <= 0 => "0 %",
        < 0.001 => "<0.1 %",
        < 0.1 => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %",
        _ => (share * 100).ToString("0", CultureInfo.InvariantCulture) + " %",
    };

    /// <summary>A time between call and answer: 85 µs, 1.2 ms, 3.4 s.</summary>
    public static string Latency(TimeSpan time) => time.TotalMicroseconds switch
    {
        < 1 => "–",
        < 1_000 => time.TotalMicroseconds.ToString("0", CultureInfo.InvariantCulture) + " µs",
        < 10_000 => time.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture) + " ms",
        < 1_000_000 => time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) + " ms",
        _ => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
    };

    /// <summary>How many bytes, in few columns: 0, 950B, 4.2MB, 206MB.</summary>
    public static string Size(long bytes)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB"];
        var (value, unit) = ((double)bytes, 0);
        while (value >= 999.5 && unit < units.Length - 1) (value, unit) = (value / 1_000, unit + 1);
        return bytes == 0 ? "0" : value.ToString(unit > 0 && value < 9.95 ? "0.0" : "0", CultureInfo.InvariantCulture) + units[unit];
    }

    /// <summary>How many: 950, 12.5k, 3.1M.</summary>
    public static string Short(double count) => count switch
    {
        < 10 => count.ToString("0.#", CultureInfo.InvariantCulture),
        < 10_000 => count.ToString("0", CultureInfo.InvariantCulture),
        < 1_000_000 => (count / 1_000).ToString("0.0", CultureInfo.InvariantCulture) + "k",
        _ => (count / 1_000_000).ToString("0.0", CultureInfo.InvariantCulture) + "M",
    };
}

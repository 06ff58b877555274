using System.Globalization;

namespace Gossipdb.Cli.Output;

/// <summary>How many bytes, for people: in the unit in which it is a short number.</summary>
internal static class ByteSize
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    /// <summary>Such as 872 B, 4.2 MB.</summary>
    public static string Text(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        while (value >= 999.95 && unit < Units.Length - 1) (value, unit) = (value / 1_000, unit + 1);
        return value.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + Units[unit];
    }
}

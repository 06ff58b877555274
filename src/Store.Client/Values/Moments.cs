namespace Gossipdb.Client;

/// <summary>Moments as nodes tell them.</summary>
internal static class Moments
{
    private static readonly long EarliestMs = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();

    /// <summary>The end of the year 9999, in Unix milliseconds.</summary>
    public static readonly long LatestMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>The moment, or the nearest that a <see cref="DateTimeOffset"/> can say.</summary>
    public static DateTimeOffset OfUnixMs(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(unixMs, EarliestMs, LatestMs));
}

using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>How long a key lives, as it goes over the wire.</summary>
internal static class LifetimeCodec
{
    // What nodes take; kept in step with theirs by a test.
    public static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);
    public static readonly TimeSpan Longest = TimeSpan.FromDays(365_250);

    public static Wire.Lifetime ToWire(TimeSpan lifetime) => new() { Milliseconds = (long)lifetime.TotalMilliseconds };

    /// <summary>
    /// Until when a key lives; null: for ever. Nodes of earlier versions took lives that end after the year 9999: those are for ever,
    /// too.
    /// </summary>
    public static DateTimeOffset? Until(long unixMs) => unixMs == 0 || unixMs > Moments.LatestMs ? null : Moments.OfUnixMs(unixMs);

    public static void Check(TimeSpan lifetime, string name)
    {
        if (lifetime < Least || lifetime > Longest)
            throw new ArgumentOutOfRangeException(name, lifetime, "A lifetime is from a millisecond to 365,250 days, a thousand years; a "
                + "key that lives for ever is made so by PersistAsync.");
    }
}

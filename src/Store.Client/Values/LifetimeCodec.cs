using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>How long a key lives, as it goes over the wire.</summary>
internal static class LifetimeCodec
{
    public static Wire.Lifetime ToWire(TimeSpan lifetime) => new() { Milliseconds = (long)lifetime.TotalMilliseconds };

    public static DateTimeOffset? Until(long unixMs) => unixMs == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(unixMs);

    public static void Check(TimeSpan lifetime, string name)
    {
        if (lifetime < TimeSpan.FromMilliseconds(1))
            throw new ArgumentOutOfRangeException(name, lifetime, "A lifetime is a millisecond or longer.");
    }
}

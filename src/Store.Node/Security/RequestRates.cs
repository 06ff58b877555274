using System.Threading.RateLimiting;
using Gossipdb.Node.Configuration;

namespace Gossipdb.Node.Security;

/// <summary>How many requests a second one user, and one address, may make. Any thread.</summary>
internal sealed class RequestRates : IDisposable
{
    private readonly PartitionedRateLimiter<string>? _ofUser;
    private readonly PartitionedRateLimiter<string>? _ofAddress;
    private readonly ConnectionLimits _limits;
    private long _refused;

    /// <param name="settings">The limits.</param>
    public RequestRates(NodeSettings settings)
    {
        _limits = settings.Connections;
        _ofUser = Limiter(_limits.RequestsPerUser);
        _ofAddress = Limiter(_limits.RequestsPerAddress);
    }

    /// <summary>Whether anything is counted at all.</summary>
    public bool IsOn => _ofUser is not null || _ofAddress is not null;

    /// <summary>Requests that were refused.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Counts requests of a caller.</summary>
    /// <returns>Why there may not be so many now; null where there may be.</returns>
    public string? Refuse(Caller who, int requests = 1)
    {
        if (!IsOn) return null;
        var refusal = IsPast(_ofUser, who.Name, requests)
            ? $"{(who.Name.Length == 0 ? "everybody together" : who.Name)} may make {_limits.RequestsPerUser} requests a second of a node "
                + "(gossipdb.limits.requests-per-user); nothing was done"
            : IsPast(_ofAddress, AddressOf(who.From), requests)
                ? $"one address may make {_limits.RequestsPerAddress} requests a second of a node (gossipdb.limits.requests-per-address); "
                    + "nothing was done"
                : null;
        if (refusal is not null) Interlocked.Add(ref _refused, requests);
        return refusal;
    }

    public void Dispose()
    {
        _ofUser?.Dispose();
        _ofAddress?.Dispose();
    }

    // The address without the port: of "10.0.0.1:4711", "[::1]:4711".
    private static string AddressOf(string from) => from.LastIndexOf(':') is > 0 and var colon ? from[..colon] : from;

    private static bool IsPast(PartitionedRateLimiter<string>? limiter, string who, int requests)
    {
        if (limiter is null) return false;
        using var lease = limiter.AttemptAcquire(who, requests);
        return !lease.IsAcquired;
    }

    private static PartitionedRateLimiter<string>? Limiter(int perSecond) => perSecond == 0
        ? null
        : PartitionedRateLimiter.Create<string, string>(who => RateLimitPartition.GetTokenBucketLimiter(who, _ => new()
        {
            TokenLimit = perSecond,
            TokensPerPeriod = Math.Max(1, perSecond / 10),
            ReplenishmentPeriod = TimeSpan.FromMilliseconds(perSecond < 10 ? 1_000.0 / perSecond : 100),
            QueueLimit = 0,
        }));
}

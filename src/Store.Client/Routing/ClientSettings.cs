using Gossipdb.Client.Connection;

namespace Gossipdb.Client.Routing;

/// <summary>The options of a client, checked, and as they were when it was created.</summary>
internal sealed class ClientSettings
{
    public ClientSettings(GossipdbOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Tls = new ClientTls(options.Tls);
        Endpoints = [.. (options.Endpoints ?? []).Select(endpoint => EndpointAddress.Parse(endpoint, options.Tls is not null)).Distinct()];
        Check(options, Endpoints.Length > 0, nameof(options.Endpoints), "names no node");
        Check(options, options.MaxInFlight > 0, nameof(options.MaxInFlight), "is not positive");
        Check(options, IsReasonable(options.Timeout), nameof(options.Timeout), "is not between a millisecond and a day");
        Check(options, IsReasonable(options.ConnectTimeout), nameof(options.ConnectTimeout), "is not between a millisecond and a day");
        Check(options, IsReasonable(options.RefreshInterval), nameof(options.RefreshInterval), "is not between a millisecond and a day");
        Check(options, options.MaxAttempts is >= 1 and <= 100, nameof(options.MaxAttempts), "is not from 1 to 100");
        Check(options, IsReasonable(options.RetryDelay), nameof(options.RetryDelay), "is not between a millisecond and a day");
        Check(options, options.MaxRetryDelay >= options.RetryDelay, nameof(options.MaxRetryDelay), "is less than RetryDelay");
        Check(options, IsReasonable(options.MaxRetryDelay), nameof(options.MaxRetryDelay), "is not between a millisecond and a day");
        Check(
            options, options.HedgeDelay is not { } delay || IsReasonable(delay), nameof(options.HedgeDelay),
            "is not between a millisecond and a day");
        Check(options, options.HedgeShare is > 0 and <= 1, nameof(options.HedgeShare), "is not above 0 and at most 1");
        Check(options, Enum.IsDefined(options.Transport), nameof(options.Transport), "is none that there is");
        Check(options, options.DefaultRead is not null, nameof(options.DefaultRead), "is null");
        Check(options, options.DefaultWrite is not null, nameof(options.DefaultWrite), "is null");
        Credentials = Credentials.Of(options);
        Discover = options.Discover;
        Session = options.Session;
        DefaultRead = options.DefaultRead!;
        DefaultWrite = options.DefaultWrite!;
        Timeout = options.Timeout;
        ConnectTimeout = options.ConnectTimeout;
        MaxInFlight = options.MaxInFlight;
        RefreshInterval = options.RefreshInterval;
        Transport = options.Transport;
        WaitForNode = options.WaitForNode;
        MaxAttempts = options.MaxAttempts;
        RetryDelay = options.RetryDelay;
        MaxRetryDelay = options.MaxRetryDelay;
        HedgeDelay = options.HedgeDelay;
        HedgeShare = options.HedgeShare;
    }

    public Uri[] Endpoints { get; }

    /// <summary>What is said of who calls; null for nothing.</summary>
    public Credentials? Credentials { get; }

    public ClientTls Tls { get; }

    /// <summary>Whether all given endpoints are of TLS: then nothing is sent in plain, whatever nodes say of other nodes.</summary>
    public bool IsSecure => Array.TrueForAll(Endpoints, static endpoint => endpoint.Scheme == Uri.UriSchemeHttps);

    public bool Discover { get; }

    public bool Session { get; }

    public Read DefaultRead { get; }

    public Write DefaultWrite { get; }

    public TimeSpan Timeout { get; }

    public TimeSpan ConnectTimeout { get; }

    public int MaxInFlight { get; }

    public TimeSpan RefreshInterval { get; }

    public ClientTransport Transport { get; }

    public bool WaitForNode { get; }

    public int MaxAttempts { get; }

    public TimeSpan RetryDelay { get; }

    public TimeSpan MaxRetryDelay { get; }

    public TimeSpan? HedgeDelay { get; }

    public double HedgeShare { get; }

    private static bool IsReasonable(TimeSpan time) => time >= TimeSpan.FromMilliseconds(1) && time <= TimeSpan.FromDays(1);

    private static void Check(GossipdbOptions options, bool holds, string option, string problem)
    {
        if (!holds)
            throw new ArgumentException($"The option {option} {problem}.", nameof(options));
    }
}

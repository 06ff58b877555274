using Gossipdb.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Gossipdb.AspNetCore;

/// <summary>The session of one request: opened when it is first asked for, where the visitor's earlier requests were.</summary>
internal sealed class RequestSession(IServiceProvider provider, IOptions<GossipdbSessionOptions> options)
{
    private readonly Lock _gate = new();
    private GossipdbSession? _session;

    /// <summary>What the request brought, the partition that changed last first.</summary>
    public IReadOnlyList<ClockToken> Brought { get; set; } = [];

    /// <summary>Null where nobody has asked for it.</summary>
    public GossipdbSession? Opened
    {
        get
        {
            lock (_gate)
                return _session;
        }
    }

    public GossipdbSession Session
    {
        get
        {
            lock (_gate)
                return _session ??= Open();
        }
    }

    private GossipdbSession Open()
    {
        var client = options.Value.Client is { } name
            ? provider.GetRequiredKeyedService<GossipdbClient>(name)
            : provider.GetRequiredService<GossipdbClient>();
        return client.OpenSession(Brought.Aggregate(ClockToken.None, static (all, one) => all.Merge(one)));
    }
}

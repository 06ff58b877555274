using System.Text.Json;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Links;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Partitions;
using Gossipdb.Node.Security;
using Gossipdb.Replication.Placement;
using Grpc.Core;

namespace Gossipdb.Node.Membership;

/// <summary>
/// What a node does where its link to another one is down: it asks that one where clients do, one such node after the other. So it learns
/// where the other's data port is, though Akka carries nothing between the two; and whether it was declared lost itself meanwhile. Between
/// nodes nobody would tell it that: those that have given it up as a member of the Akka cluster do not talk to this process any more.
/// </summary>
internal sealed class LayoutProbe(
    NodeSettings settings, NodeCertificates certificates, PeerSecrets secrets, NodeClock clock, PartitionDirectory partitions,
    NodeLinks links, AddressBook addresses)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private const long IntervalMs = 5_000;
    private readonly NodeTokens _tokens = new(secrets, clock.Time);
    private long _nextMs = clock.SteadyMs + IntervalMs;
    private int _turn;

    /// <summary>Asks one other node, where a link has been down for a while and it is time to.</summary>
    /// <returns>The layout it tells, or null where it does not answer; null where there is nobody to ask.</returns>
    public Task<Layout?>? Ask()
    {
        var now = clock.SteadyMs;
        var others = partitions.Layout.Members.Where(member => IsToBeAsked(member.Id) && !links.MayBeCut(member.Id)).ToArray();
        if (others.Length == 0) _nextMs = now + IntervalMs;
        if (now < _nextMs) return null;
        _nextMs = now + IntervalMs;
        return AskAsync(others[_turn++ % others.Length]);
    }

    private bool IsToBeAsked(NodeId node) => node != settings.Id && !(links.TryFind(node, out var link) && link.IsConnected);

    private async Task<Layout?> AskAsync(Member other)
    {
        try
        {
            var (layout, dataPort) = await LayoutQuestion.AskAsync(
                other.ClientEndpoint, Patience, certificates.OptionsFor(other.Id), _tokens.HeaderOf(settings.Id));
            if (dataPort is { } port) addresses.LearnDataPort(other.Id, port);
            return layout;
        }
        catch (Exception silent) when (silent is RpcException or JsonException or ArgumentException)
        {
            // It is out of reach, most likely; the next one is asked.
            return null;
        }
    }
}

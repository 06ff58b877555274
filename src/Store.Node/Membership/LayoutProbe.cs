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
/// How a node that hears no other one learns whether it was declared lost meanwhile: it asks the others, one after the other, where
/// clients do. Between nodes nobody would tell it: those that have given it up as a member of the Akka cluster do not talk to this
/// process any more.
/// </summary>
internal sealed class LayoutProbe(
    NodeSettings settings, NodeCertificates certificates, PeerSecrets secrets, NodeClock clock, PartitionDirectory partitions,
    NodeLinks links)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private const long IntervalMs = 5_000;
    private readonly NodeTokens _tokens = new(secrets, clock.Time);
    private long _nextMs = clock.SteadyMs + IntervalMs;
    private int _turn;

    /// <summary>Asks one other node, where none has been heard for a while and it is time to.</summary>
    /// <param name="isAlone">Whether this node hears no other one.</param>
    /// <returns>What it says, or null where it does not answer; null where there is nobody to ask.</returns>
    public Task<Layout?>? Ask(bool isAlone)
    {
        var now = clock.SteadyMs;
        if (!isAlone) _nextMs = now + IntervalMs;
        if (now < _nextMs) return null;
        _nextMs = now + IntervalMs;
        var others = partitions.Layout.Members.Where(member => member.Id != settings.Id && !links.MayBeCut(member.Id)).ToArray();
        return others.Length == 0 ? null : AskAsync(others[_turn++ % others.Length]);
    }

    private async Task<Layout?> AskAsync(Member other)
    {
        try
        {
            return await LayoutQuestion.AskAsync(
                other.ClientEndpoint, Patience, certificates.OptionsFor(other.Id), _tokens.HeaderOf(settings.Id));
        }
        catch (Exception silent) when (silent is RpcException or JsonException or ArgumentException)
        {
            // It is out of reach, most likely; the next one is asked.
            return null;
        }
    }
}

using Akka.Actor;
using Akka.Remote;
using Akka.Remote.Transport;
using Gossipdb.Node.Configuration;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Links;

/// <summary>
/// Cuts the links of a live node, in both directions. The link itself discards what comes and goes, and Akka's throttling transport adapter
/// what Akka.Remote carries. For experiments.
/// </summary>
internal sealed class LinkCuts(NodeSettings settings, NodeLinks links, AddressBook addresses, ActorSystem system, ILogger<LinkCuts> logger)
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Cuts the links to exactly these nodes and heals all others.</summary>
    public async Task SetAsync(IReadOnlySet<NodeId> wanted)
    {
        // Without the adapter the transport would accept the command and do nothing.
        if (!settings.FaultInjection) throw new InvalidOperationException("cutting links needs gossipdb.lab.fault-injection = on");
        await _turn.WaitAsync();
        try
        {
            var before = links.Cuts;
            links.Cuts = wanted;
            foreach (var other in links.Nodes)
            {
                var cut = wanted.Contains(other);
                if (cut == before.Contains(other)) continue;
                await ThrottleAsync(other, cut ? Blackhole.Instance : Unthrottled.Instance);
                logger.LogWarning("the link to node {Node} is {State}", other, cut ? "cut" : "healed");
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task ThrottleAsync(NodeId other, ThrottleMode mode)
    {
        var address = Address.Parse(AkkaConfiguration.AddressOf(settings, addresses.Find(other)!));
        var accepted = await ((IRemoteActorRefProvider)((ExtendedActorSystem)system).Provider).Transport.ManagementCommand(
            new SetThrottle(address, ThrottleTransportAdapter.Direction.Both, mode), CancellationToken.None);
        if (!accepted) throw new InvalidOperationException($"the transport refused to change the link to node {other}");
    }
}

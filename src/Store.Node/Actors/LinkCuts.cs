using Akka.Actor;
using Akka.Remote;
using Akka.Remote.Transport;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Actors;

/// <summary>Cuts the links of a live node through Akka's throttling transport adapter, in both directions. For experiments.</summary>
internal sealed class LinkCuts(NodeContext node, ActorSystem system, ILogger<LinkCuts> logger)
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Cuts the links to exactly these nodes and heals all others.</summary>
    public async Task SetAsync(IReadOnlySet<NodeId> wanted)
    {
        // Without the adapter the transport would accept the command and do nothing.
        if (!node.Settings.FaultInjection) throw new InvalidOperationException("cutting links needs gossipdb.lab.fault-injection = on");
        await _turn.WaitAsync();
        try
        {
            foreach (var other in node.Links.Keys)
            {
                var cut = wanted.Contains(other);
                if (cut == node.Cuts.Contains(other)) continue;
                await ThrottleAsync(other, cut ? Blackhole.Instance : Unthrottled.Instance);
                logger.LogWarning("the link to node {Node} is {State}", other, cut ? "cut" : "healed");
            }

            node.Cuts = wanted;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task ThrottleAsync(NodeId other, ThrottleMode mode)
    {
        var address = Address.Parse(AkkaConfiguration.AddressOf(node.Settings, node.AddressOf(other)!));
        var accepted = await ((IRemoteActorRefProvider)((ExtendedActorSystem)system).Provider).Transport.ManagementCommand(
            new SetThrottle(address, ThrottleTransportAdapter.Direction.Both, mode), CancellationToken.None);
        if (!accepted) throw new InvalidOperationException($"the transport refused to change the link to node {other}");
    }
}

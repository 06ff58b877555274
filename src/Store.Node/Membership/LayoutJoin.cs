using System.Text.Json;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Security;
using Grpc.Core;

namespace Gossipdb.Node.Membership;

/// <summary>
/// How a node with an empty data directory learns the cluster's layout before it starts: from any of the nodes that its configuration
/// lists. One that is to be added to a cluster asks until it is told.
/// <para>Any other one may be a founder, and there may be nobody to ask yet. So it asks once. A node that has lost its disk must not found
/// the cluster once more: slots may have moved since.</para>
/// </summary>
internal static class LayoutJoin
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Asks until one answers, or once, and keeps what it says.</summary>
    /// <exception cref="ConfigurationProblem">The cluster is made otherwise than the configuration says.</exception>
    public static async Task FetchAsync(
        NodeSettings settings, NodeCertificates certificates, PeerSecrets secrets, TimeProvider time, Serilog.ILogger logger,
        CancellationToken stop)
    {
        var tokens = new NodeTokens(secrets, time);
        while (true)
        {
            foreach (var (id, address) in settings.Nodes)
            {
                if (id == settings.Id) continue;
                try
                {
                    var (layout, _) = await LayoutQuestion.AskAsync(
                        address.ClientEndpoint, Patience, certificates.OptionsFor(id), tokens.HeaderOf(settings.Id), stop);
                    if (layout.Partitions != settings.Partitions)
                        throw new ConfigurationProblem(
                            $"the cluster has {layout.Partitions} partitions, but gossipdb.cluster.partitions is {settings.Partitions}");
                    LayoutFile.Save(settings.DataDirectory, layout);
                    logger.Information("took layout version {Version} from node {Node}", layout.Version, id);
                    return;
                }
                catch (Exception unreadable) when (unreadable is JsonException or ArgumentException)
                {
                    throw new ConfigurationProblem($"node {id} at {address.ClientEndpoint} tells a layout that cannot be read: "
                        + $"{unreadable.Message.ReplaceLineEndings(" ")}");
                }
                catch (RpcException silent)
                {
                    stop.ThrowIfCancellationRequested();
                    if (!settings.Join) continue;
                    logger.Warning("node {Node} does not tell the layout yet, is asked again: {Reason}", id, LayoutQuestion.Reason(silent));
                }
            }

            if (!settings.Join) return;
            await Task.Delay(Pause, stop);
        }
    }
}

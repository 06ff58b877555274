using Gossipdb.Cli.Connecting;
using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>A cluster that is restored into.</summary>
/// <param name="Writer">Writes to it.</param>
/// <param name="PartitionOf">In which of its partitions a key is.</param>
internal sealed record RestoreTarget(RestoreWriter Writer, Func<Bytes, int> PartitionOf)
{
    /// <summary>The cluster of a client.</summary>
    /// <param name="client">The client.</param>
    /// <param name="options">How it connects.</param>
    /// <param name="write">How many replicas must have each object.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<RestoreTarget> OfAsync(
        GossipdbClient client, GossipdbOptions options, Write write, CancellationToken stop)
    {
        using var admins = await ClusterAdmins.ConnectAsync(options, stop);
        return new RestoreTarget(new RestoreWriter(client, write), admins.Cluster.PartitionOf);
    }
}

using Gossipdb.Client.Connection;

namespace Gossipdb.Client.Routing;

/// <summary>What a cluster would refuse, found out before anything is sent.</summary>
internal static class CallLimits
{
    /// <summary>How many bytes a request takes: the key, the level, the ids and the frames around them.</summary>
    public static int Size(int keyBytes, int payloadBytes) => 64 + keyBytes + payloadBytes;

    /// <summary>Why the cluster would refuse a call; null where it would not.</summary>
    public static GossipdbException? Refusal(OutboundCall call, Protocol.ClusterDescription cluster, ReplicaLevel level)
    {
        var replication = (int)cluster.Replication;
        if (level.LeastReplication > replication && replication > 0)
        {
            return new InvalidRequestException(
                $"The call asks for {level.LeastReplication} replicas and the cluster keeps {replication}.", level.LeastReplication);
        }

        var keyBytes = call.Request.Key.Length;
        if (keyBytes > cluster.MaxKeyBytes && cluster.MaxKeyBytes > 0)
            return new InvalidRequestException($"The key has {keyBytes} bytes and the cluster takes {cluster.MaxKeyBytes}.");

        // Refused here, because a node ends the whole stream at a message past its limit.
        // How large an object may be that is restored, the node says: it takes messages of twice the size.
        var restores = call.Request.Restore is not null || call.Request.Batch is { Writes: [{ Restore: not null }, ..] };
        var most = restores ? Math.Max(cluster.MaxValueBytes * 2L, 15 << 20) : cluster.MaxValueBytes;
        return call.Bytes > most + Size(keyBytes, 0) && cluster.MaxValueBytes > 0
            ? new TooLargeException($"The write carries {call.Bytes} bytes and the cluster takes {most}.")
            : null;
    }
}

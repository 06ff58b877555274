using Gossipdb.Node.Observability;
using Gossipdb.Replication;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Watch;

namespace Gossipdb.Node.Partitions;

/// <summary>A watcher of one partition, and what the partition is told of it.</summary>
internal abstract class PartitionWatcher : Watcher
{
    /// <summary>Begins the watch.</summary>
    public sealed record Start(PartitionWatcher Watcher) : IPartRequest
    {
        /// <inheritdoc/>
        public void PartEnded() => Watcher.End(Outcome.NotServing, PartitionDirectory.Ended);
    }

    /// <summary>The last batch is on its way: the next one is wanted.</summary>
    public sealed record Pull(PartitionWatcher Watcher);

    /// <summary>There is something to take.</summary>
    public sealed record Take(PartitionWatcher Watcher);

    /// <summary>Ends the watch: the client has gone.</summary>
    public sealed record Stop(PartitionWatcher Watcher);

    /// <summary>Takes what there is, where it has been asked for. Called in the lane; never throws.</summary>
    /// <param name="from">The replica.</param>
    /// <param name="pulled">Whether this is asking for the next batch.</param>
    /// <param name="nowMs">Now.</param>
    public abstract void Deliver(Replica from, bool pulled, long nowMs);
}

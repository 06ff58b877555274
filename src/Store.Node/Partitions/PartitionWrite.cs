using Gossipdb.Node.Observability;
using Gossipdb.Node.Tracing;
using Gossipdb.Replication.Contract;

namespace Gossipdb.Node.Partitions;

/// <summary>A write that knows whom to answer.</summary>
internal abstract class PartitionWrite : WriteRequest, IPartRequest
{
    /// <summary>Answers. Never throws: what was done is done.</summary>
    public abstract void Answer(int partition, in WriteResult result);

    /// <summary>The write's trace; null where it is not traced.</summary>
    public abstract TracedCall? Trace { get; }

    /// <inheritdoc/>
    public abstract void PartEnded();
}

using Gossipdb.Node.Observability;
using Gossipdb.Node.Tracing;
using Gossipdb.Replication.Contract;

namespace Gossipdb.Node.Partitions;

/// <summary>A read that knows whom to answer.</summary>
internal abstract class PartitionRead : ReadRequest, IPartRequest
{
    /// <summary>Answers. Never throws: where the answer cannot be made, this one call fails. The state is borrowed.</summary>
    public abstract void Answer(int partition, in ReadResult result);

    /// <summary>The read's trace; null where it is not traced.</summary>
    public abstract TracedCall? Trace { get; }

    /// <inheritdoc/>
    public abstract void PartEnded();
}

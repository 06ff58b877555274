using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;

namespace Gossipdb.Crdt;

/// <summary>
/// What a mutator may know of the event it makes: who makes it, at which clock, when, and in whose name.
/// Dots are drawn in order. An event that draws none still takes one, as its own name.
/// </summary>
public sealed class UpdateContext
{
    private readonly VersionVector _dependencies;
    private ReplicaId[]? _inherits;

    /// <summary>What is known of the next event of a replica.</summary>
    /// <param name="origin">The replica.</param>
    /// <param name="dependencies">Its clock.</param>
    /// <param name="timestamp">The event's timestamp.</param>
    /// <param name="operation">The client's name for the operation, or none.</param>
    /// <param name="inherits">See <see cref="Inherits"/>.</param>
    public UpdateContext(
        ReplicaId origin, VersionVector dependencies, HybridTimestamp timestamp, OperationId operation, ReplicaId[]? inherits = null)
    {
        (Origin, _dependencies) = (origin, dependencies);
        Restart(timestamp, operation, inherits);
    }

    /// <summary>
    /// The delta of an earlier event, at which nobody looks any more; null where there is none. An increment of a counter, which is the
    /// commonest delta, is made of it.
    /// </summary>
    public PNCounter? Spare { get; set; }

    /// <summary>The replica that makes the event.</summary>
    public ReplicaId Origin { get; }

    /// <summary>The origin's clock just before the event: exactly what the mutator has observed. Not to be changed.</summary>
    public VersionVector Dependencies => _dependencies;

    /// <summary>
    /// Replicas that have ended, whose rights in bounded counters are the origin's to use and nobody else's. In ascending order.
    /// </summary>
    public ReadOnlySpan<ReplicaId> Inherits => _inherits;

    /// <summary>The event's hybrid timestamp.</summary>
    public HybridTimestamp Timestamp { get; private set; }

    /// <summary>The client's name for the change to be made next, or <see cref="OperationId.None"/>.</summary>
    public OperationId Operation { get; set; }

    /// <summary>The first sequence the event may use.</summary>
    public long FirstSequence { get; private set; }

    /// <summary>How many dots the event covers: at least one.</summary>
    public int Count => Math.Max(1, Drawn);

    /// <summary>How many dots were drawn by now.</summary>
    internal int Drawn { get; private set; }

    /// <summary>Names the next elementary change of this event.</summary>
    public Dot NextDot() => new(Origin, FirstSequence + Drawn++);

    /// <summary>
    /// Turns to the next event of the same replica, at its clock as it is now. What was said of the event before is said no more.
    /// </summary>
    /// <param name="timestamp">The event's timestamp.</param>
    /// <param name="operation">The client's name for the operation, or none.</param>
    /// <param name="inherits">See <see cref="Inherits"/>.</param>
    public void Restart(HybridTimestamp timestamp, OperationId operation, ReplicaId[]? inherits)
    {
        (Timestamp, Operation, _inherits) = (timestamp, operation, inherits);
        FirstSequence = _dependencies[Origin] + 1;
        Drawn = 0;
    }
}

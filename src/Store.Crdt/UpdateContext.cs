using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt;

/// <summary>
/// What a mutator may know of the event it makes: who makes it, at which clock, when, and in whose name.
/// Dots are drawn in order. An event that draws none still takes one, as its own name.
/// </summary>
public sealed class UpdateContext(
    ReplicaId origin, VersionVector dependencies, HybridTimestamp timestamp, OperationId operation, ReplicaId[]? inherits = null)
{
    /// <summary>The replica that makes the event.</summary>
    public ReplicaId Origin { get; } = origin;

    /// <summary>The origin's clock just before the event: exactly what the mutator has observed. Not to be changed.</summary>
    public VersionVector Dependencies { get; } = dependencies;

    /// <summary>
    /// Replicas that have ended, whose rights in bounded counters are the origin's to use and nobody else's. In ascending order.
    /// </summary>
    public ReadOnlySpan<ReplicaId> Inherits => inherits;

    /// <summary>The event's hybrid timestamp.</summary>
    public HybridTimestamp Timestamp { get; } = timestamp;

    /// <summary>The client's name for the change to be made next, or <see cref="OperationId.None"/>.</summary>
    public OperationId Operation { get; set; } = operation;

    /// <summary>The first sequence the event may use.</summary>
    public long FirstSequence { get; } = dependencies[origin] + 1;

    /// <summary>How many dots the event covers: at least one.</summary>
    public int Count => Math.Max(1, Drawn);

    /// <summary>How many dots were drawn by now.</summary>
    internal int Drawn { get; private set; }

    /// <summary>Names the next elementary change of this event.</summary>
    public Dot NextDot() => new(Origin, FirstSequence + Drawn++);
}

using Gossipdb.Node.Configuration;
using Gossipdb.Node.HotKeys;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Lanes;
using Gossipdb.Node.Links;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Tracing;

namespace Gossipdb.Node.Partitions;

/// <summary>What the partitions of a node, and its fallbacks, need of it.</summary>
internal sealed class PartitionEnvironment(
    NodeSettings settings, NodeHealth health, NodeClock clock, NodeLinks links, NodeJournal journal, NodeLanes lanes, NodeTraces traces)
{
    public NodeSettings Settings { get; } = settings;

    public NodeHealth Health { get; } = health;

    public NodeClock Clock { get; } = clock;

    public NodeLinks Links { get; } = links;

    public NodeJournal Journal { get; } = journal;

    /// <summary>The locks that the partitions share.</summary>
    public NodeLanes Lanes { get; } = lanes;

    /// <summary>The traces that the node takes part in.</summary>
    public NodeTraces Traces { get; } = traces;

    /// <summary>The keys and partitions that clients ask for most.</summary>
    public NodeHotKeys HotKeys { get; } = new(settings, lanes, clock.SteadyMs);

    /// <summary>What repair may send.</summary>
    public RepairBudget RepairBudget { get; } = new(settings.RepairBytesPerSecond);

    /// <summary>How many partitions may be taken over at once.</summary>
    public MovePermits Moves { get; } = new(settings.MaxMoves);

    /// <summary>What the fallbacks hold, all together.</summary>
    public FallbackLoad FallbackLoad { get; } = new();
}

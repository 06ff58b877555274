using Gossipdb.Client.Admin;

namespace Gossipdb.Client;

/// <summary>What an event means for those who use the cluster.</summary>
public enum ClusterEventKind
{
    /// <summary>Something worth knowing.</summary>
    Note,

    /// <summary>Something is otherwise.</summary>
    Change,

    /// <summary>Something works again.</summary>
    Good,

    /// <summary>Something stopped working.</summary>
    Bad,
}

/// <summary>Something that happened in a cluster between two looks at the status of its nodes.</summary>
/// <param name="Kind">What it means.</param>
/// <param name="Text">In plain words: "node 1 lost node 2".</param>
public sealed record ClusterEvent(ClusterEventKind Kind, string Text)
{
    /// <summary>What is different.</summary>
    /// <param name="before">What each node said, null where it did not answer; null at the first look.</param>
    /// <param name="now">The same now.</param>
    public static IReadOnlyList<ClusterEvent> Between(
        IReadOnlyDictionary<int, NodeStatus?>? before, IReadOnlyDictionary<int, NodeStatus?> now)
    {
        ArgumentNullException.ThrowIfNull(now);
        var differences = SightComparison.Compare(before is null ? null : Sights(before), Sights(now));
        return [.. differences.Select(static one => Of(one.Kind, one.Text))];
    }

    private static ClusterEvent Of(string kind, string text) => new(
        kind switch
        {
            SightComparison.Bad => ClusterEventKind.Bad,
            SightComparison.Good => ClusterEventKind.Good,
            SightComparison.Change => ClusterEventKind.Change,
            _ => ClusterEventKind.Note,
        },
        text);

    private static List<NodeSight> Sights(IReadOnlyDictionary<int, NodeStatus?> nodes) =>
        [.. nodes.OrderBy(static node => node.Key).Select(static node => Sight(node.Key, node.Value))];

    private static NodeSight Sight(int node, NodeStatus? status) => status is null ? new(node, HasAnswered: false) : new(node, true)
    {
        ProcessId = status.ProcessId,
        UptimeMs = (long)status.Uptime.TotalMilliseconds,
        IsReady = status.Ready,
        RefusesWrites = status.RefusingWrites,
        Trouble = status.Trouble,
        HeldBytes = status.HeldBytes,
        Peers = status.Peers.ToDictionary(static peer => peer.Node, static peer => peer.Reachable),
        Failures =
        [
            .. from calls in status.Calls
               from failure in calls.Failures
               select (calls.Level, calls.IsWrite, failure.Key, failure.Value),
        ],
        Slots =
        [
            .. from partition in status.Partitions
               from slot in partition.Slots.Select(static (slot, number) => (slot.Node, slot.Epoch, slot.Held, Number: number))
               where slot.Held
               select (partition.Partition, slot.Number, slot.Node, slot.Epoch),
        ],
        Damaged =
        [
            .. status.Partitions
                .Where(static one => one.Contradiction.Length > 0 || one.Contradicting.Count > 0 || one.Damage is { What.Length: > 0 })
                .Select(static one => one.Partition),
        ],
    };
}

using System.Globalization;

namespace Gossipdb.Client.Admin;

/// <summary>
/// What happened in a cluster, in plain words: the differences between what was seen of the nodes at one time and at the next. The node and
/// the client compile it each for itself.
/// </summary>
internal static class SightComparison
{
    /// <summary>Something stopped working.</summary>
    public const string Bad = "bad";

    /// <summary>Something works again.</summary>
    public const string Good = "good";

    /// <summary>Something is otherwise.</summary>
    public const string Change = "change";

    /// <summary>Something worth knowing.</summary>
    public const string Note = "note";

    // Of what happens to many partitions at once some are named.
    private const int Named = 6;

    // Other errors are the caller's own.
    private static readonly string[] FailuresTold = ["Unavailable", "Indeterminate", "Timeout", "Overloaded"];

    /// <summary>What is different.</summary>
    /// <param name="before">The nodes before; null at the first look.</param>
    /// <param name="now">The nodes now.</param>
    public static IEnumerable<(string Kind, string Text)> Compare(IReadOnlyList<NodeSight>? before, IReadOnlyList<NodeSight> now)
    {
        if (before is null)
            return now.Where(static node => !node.HasAnswered).Select(static node => (Bad, $"node {node.Node} does not answer"));
        return now.SelectMany(node => CompareNode(before.FirstOrDefault(one => one.Node == node.Node), node))
            .Concat(CompareLinks(before, now))
            .Concat(ComparePartitions(before, now));
    }

    private static IEnumerable<(string Kind, string Text)> CompareNode(NodeSight? old, NodeSight node)
    {
        if (old is null) yield break;
        if (!node.HasAnswered && old.HasAnswered) yield return (Bad, $"node {node.Node} does not answer any more");
        if (node.HasAnswered && !old.HasAnswered) yield return (Good, $"node {node.Node} answers again");
        if (!node.HasAnswered || !old.HasAnswered) yield break;
        var isSame = CallSum.IsSameProcess(old.ProcessId, old.UptimeMs, node.ProcessId, node.UptimeMs);
        if (!isSame) yield return (Change, $"node {node.Node} was started anew");
        if (node.IsReady != old.IsReady)
            yield return node.IsReady ? (Good, $"node {node.Node} is ready") : (Bad, $"node {node.Node} is not ready: {node.Trouble}");
        if (node.RefusesWrites != old.RefusesWrites)
        {
            yield return node.RefusesWrites
                ? (Bad, $"node {node.Node} refuses writes: {node.Trouble}")
                : (Good, $"node {node.Node} takes writes again");
        }

        if ((node.HeldBytes > 0) != (old.HeldBytes > 0))
        {
            yield return node.HeldBytes > 0
                ? (Change, $"node {node.Node} holds writes for absent owners")
                : (Good, $"node {node.Node} has handed over what it held for absent owners");
        }

        if (!isSame) yield break;
        foreach (var (level, isWrite, code, count) in node.Failures)
        {
            if (!FailuresTold.Contains(code)) continue;
            var more = count - old.Failures.FirstOrDefault(one => one.Level == level && one.IsWrite == isWrite && one.Code == code).Count;
            if (more <= 0) continue;
            yield return (Note, string.Create(
                CultureInfo.InvariantCulture,
                $"node {node.Node}: {more} {(isWrite ? "write" : "read")}{(more == 1 ? "" : "s")} at {level} ended as "
                + $"{code.ToLowerInvariant()}"));
        }
    }

    // A cut between ten nodes and ten is two hundred ends of links: nodes that say the same of the same ones are told of together.
    private static IEnumerable<(string Kind, string Text)> CompareLinks(IReadOnlyList<NodeSight> before, IReadOnlyList<NodeSight> now)
    {
        foreach (var isHeard in (bool[])[false, true])
        {
            var by = new Dictionary<string, List<int>>(StringComparer.Ordinal);
            foreach (var node in now.Where(static node => node.HasAnswered).OrderBy(static node => node.Node))
            {
                if (before.FirstOrDefault(one => one.Node == node.Node) is not { HasAnswered: true } old) continue;
                int[] peers =
                [
                    .. node.Peers.Where(peer => peer.Value == isHeard && old.Peers.TryGetValue(peer.Key, out var was) && was != isHeard)
                        .Select(static peer => peer.Key).Order(),
                ];
                if (peers.Length == 0) continue;
                var whom = NodeNumbers.Named(peers);
                if (!by.TryGetValue(whom, out var who)) by[whom] = who = [];
                who.Add(node.Node);
            }

            foreach (var (whom, who) in by)
            {
                yield return isHeard
                    ? (Good, $"{NodeNumbers.Named(who)} hear{(who.Count == 1 ? "s" : "")} {whom} again")
                    : (Bad, $"{NodeNumbers.Named(who)} lost {whom}");
            }
        }
    }

    private static IEnumerable<(string Kind, string Text)> ComparePartitions(IReadOnlyList<NodeSight> before, IReadOnlyList<NodeSight> now)
    {
        var (old, held) = (Holders(before), Holders(now));
        var moved = new SortedDictionary<string, List<int>>(StringComparer.Ordinal);
        foreach (var (slot, node) in held)
        {
            if (!old.TryGetValue(slot, out var was) || was == node) continue;
            var what = $"moved from node {was.Node} to node {node.Node}";
            if (!moved.TryGetValue(what, out var list)) moved[what] = list = [];
            list.Add(slot.Partition);
        }

        foreach (var (what, list) in moved)
        {
            var names = string.Join(", ", list.Order().Take(Named)) + (list.Count > Named ? $" and {list.Count - Named} more" : "");
            yield return (Change, $"partition{(list.Count == 1 ? "" : "s")} {names} {what}");
        }

        foreach (var alarm in Alarms(now).Except(Alarms(before)).Take(Named)) yield return (Bad, alarm);
    }

    // Who holds which slot, as told under the highest epoch.
    private static Dictionary<(int Partition, int Slot), (int Node, long Epoch)> Holders(IReadOnlyList<NodeSight> nodes)
    {
        var holders = new Dictionary<(int Partition, int Slot), (int Node, long Epoch)>();
        foreach (var (partition, slot, node, epoch) in nodes.SelectMany(static node => node.Slots))
        {
            if (!holders.TryGetValue((partition, slot), out var known) || known.Epoch < epoch) holders[(partition, slot)] = (node, epoch);
        }

        return holders;
    }

    private static IEnumerable<string> Alarms(IReadOnlyList<NodeSight> nodes) =>
        from node in nodes
        from partition in node.Damaged
        select $"partition {partition} at node {node.Node} is damaged or contradicts another: look at 'gossipdb status'";
}

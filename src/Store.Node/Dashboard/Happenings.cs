using System.Globalization;
using Gossipdb.Protocol;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Dashboard;

/// <summary>
/// What happened in the cluster, in plain words: the differences between what was heard of the nodes at one time and at the next. So it
/// tells what was seen while some page was open, and of the time between only what is different after it. Any thread.
/// </summary>
internal sealed class Happenings
{
    /// <summary>So many are kept.</summary>
    public const int Kept = 500;

    // Nodes are asked each second while somebody looks, and not at all while nobody does.
    private const long GapMs = 15_000;

    // Of what happens to many partitions at once some are named.
    private const int Named = 6;
    private readonly Lock _gate = new();
    private readonly Queue<Happening> _all = new();
    private long _number;

    /// <summary>Those after one, the oldest first.</summary>
    public IReadOnlyList<Happening> After(long number)
    {
        lock (_gate) return [.. _all.Where(one => one.Number > number)];
    }

    /// <summary>Tells what is different.</summary>
    public void Compare(ClusterSnapshot? before, ClusterSnapshot now)
    {
        if (before is null)
        {
            Tell(now, "note", "a dashboard was opened at this node: events are told from now on");
            foreach (var node in now.Nodes)
                if (node.Problem is not null) Tell(now, "bad", $"node {node.Id} does not answer");
            return;
        }

        if (now.SteadyMs - before.SteadyMs is > GapMs and var gap)
            Tell(now, "note", $"nobody looked for {Span(gap)}: of that time only what is different now is told");
        CompareLayout(before, now);
        foreach (var node in now.Nodes) CompareNode(now, before.Of(node.Id), node);
        if (FaultTexts.InWords(now.Faults) is var words && words != FaultTexts.InWords(before.Faults))
            Tell(now, words.Length == 0 ? "good" : "change", words.Length == 0 ? "all faults are mended" : $"faults in force: {words}");
        ComparePartitions(before, now);
    }

    private void CompareLayout(ClusterSnapshot before, ClusterSnapshot now)
    {
        if (now.Layout.Version != before.Layout.Version)
        {
            var came = now.Layout.Nodes.Except(before.Layout.Nodes).Order().Select(static node => $"node {node} is part of it now");
            var went = before.Layout.Nodes.Except(now.Layout.Nodes).Order().Select(static node => $"node {node} leaves");
            Tell(now, "change", string.Join("; ", [$"the layout is at version {now.Layout.Version}", .. came, .. went]));
        }

        var (old, staged) = (before.Staged?.Staged == true, now.Staged?.Staged == true);
        if (staged && !old) Tell(now, "note", $"a change of the layout is staged: {now.Staged!.StagedMoves} slots would move");
        if (old && !staged && now.Layout.Version == before.Layout.Version) Tell(now, "note", "what was staged was taken back");
    }

    private void CompareNode(ClusterSnapshot now, NodeHeard? before, NodeHeard node)
    {
        if (before is null) return;
        if (node.Problem is not null && before.Problem is null) Tell(now, "bad", $"node {node.Id} does not answer any more");
        if (node.Problem is null && before.Problem is not null) Tell(now, "good", $"node {node.Id} answers again");
        if (node.Status is not { } status || before.Status is not { } old) return;
        var isOther = status.ProcessId != old.ProcessId || status.UptimeMs < old.UptimeMs;
        if (isOther) Tell(now, "change", $"node {node.Id} was started anew");
        if (status.Ready != old.Ready)
        {
            Tell(
                now,
                status.Ready ? "good" : "bad",
                status.Ready ? $"node {node.Id} is ready" : $"node {node.Id} is not ready: {status.Trouble}");
        }

        if (status.RefusingWrites != old.RefusingWrites)
        {
            Tell(
                now,
                status.RefusingWrites ? "bad" : "good",
                status.RefusingWrites ? $"node {node.Id} refuses writes: {status.Trouble}" : $"node {node.Id} takes writes again");
        }

        foreach (var peer in status.Peers)
        {
            var was = old.Peers.FirstOrDefault(one => one.Node == peer.Node);
            if (was is null || was.Reachable == peer.Reachable) continue;
            Tell(
                now,
                peer.Reachable ? "good" : "bad",
                peer.Reachable ? $"node {node.Id} hears node {peer.Node} again" : $"node {node.Id} lost node {peer.Node}");
        }

        if ((status.HeldBytes > 0) != (old.HeldBytes > 0))
        {
            Tell(
                now,
                status.HeldBytes > 0 ? "change" : "good",
                status.HeldBytes > 0
                    ? $"node {node.Id} holds writes for absent owners"
                    : $"node {node.Id} has handed over what it held for absent owners");
        }

        if (!isOther) CompareFailures(now, node.Id, old, status);
    }

    private void CompareFailures(ClusterSnapshot now, NodeId node, NodeStatus old, NodeStatus status)
    {
        foreach (var counts in status.Calls)
        {
            var were = old.Calls.FirstOrDefault(one => one.Level == counts.Level && one.Write == counts.Write);
            foreach (var failure in counts.Failures)
            {
                if (failure.Code is not (ErrorCode.Unavailable or ErrorCode.Indeterminate or ErrorCode.Timeout or ErrorCode.Overloaded))
                    continue;
                var more = failure.Count - (were?.Failures.FirstOrDefault(one => one.Code == failure.Code)?.Count ?? 0);
                if (more <= 0) continue;
                var what = $"{(counts.Write ? "write" : "read")}{(more == 1 ? "" : "s")}";
                Tell(now, "note", string.Create(
                    CultureInfo.InvariantCulture,
                    $"node {node}: {more} {what} at {counts.Level} ended as {LiveFigures.CodeOf(failure.Code).ToLowerInvariant()}"));
            }
        }
    }

    private void ComparePartitions(ClusterSnapshot before, ClusterSnapshot now)
    {
        var (old, held) = (Holders(before), Holders(now));
        var moved = new SortedDictionary<string, List<uint>>(StringComparer.Ordinal);
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
            Tell(now, "change", $"partition{(list.Count == 1 ? "" : "s")} {names} {what}");
        }

        var alarms = Alarms(before);
        foreach (var alarm in Alarms(now).Except(alarms).Take(Named)) Tell(now, "bad", alarm);
    }

    private static string Span(long ms) => TimeSpan.FromMilliseconds(ms) switch
    {
        { TotalSeconds: < 120 and var seconds } => string.Create(CultureInfo.InvariantCulture, $"{seconds:0} seconds"),
        { TotalMinutes: < 120 and var minutes } => string.Create(CultureInfo.InvariantCulture, $"{minutes:0} minutes"),
        { TotalHours: var hours } => string.Create(CultureInfo.InvariantCulture, $"{hours:0} hours"),
    };

    // Who holds which slot, as told under the highest epoch.
    private static Dictionary<(uint Partition, int Slot), (uint Node, long Epoch)> Holders(ClusterSnapshot snapshot)
    {
        var holders = new Dictionary<(uint Partition, int Slot), (uint Node, long Epoch)>();
        foreach (var partition in snapshot.Nodes.SelectMany(static node => node.Status?.Partitions ?? []))
        {
            for (var slot = 0; slot < partition.Slots.Count; slot++)
            {
                var told = partition.Slots[slot];
                if (!told.Held) continue;
                if (!holders.TryGetValue((partition.Partition, slot), out var known) || known.Epoch < told.Epoch)
                    holders[(partition.Partition, slot)] = (told.Node, told.Epoch);
            }
        }

        return holders;
    }

    private static HashSet<string> Alarms(ClusterSnapshot snapshot) =>
    [
        .. from node in snapshot.Nodes
           from partition in node.Status?.Partitions ?? []
           where partition.Contradiction.Length > 0 || partition.Contradicting.Count > 0 || partition.Damage is { What.Length: > 0 }
           select $"partition {partition.Partition} at node {node.Id} is damaged or contradicts another: look at 'gossipdb status'",
    ];

    private void Tell(ClusterSnapshot now, string kind, string text)
    {
        lock (_gate)
        {
            _all.Enqueue(new Happening(++_number, now.AtMs, kind, text));
            while (_all.Count > Kept) _all.Dequeue();
        }
    }
}

using System.Globalization;
using Gossipdb.Client.Admin;
using Gossipdb.Protocol;

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
            CompareNodes(null, now);
            return;
        }

        if (now.SteadyMs - before.SteadyMs is > GapMs and var gap)
            Tell(now, "note", $"nobody looked for {Span(gap)}: of that time only what is different now is told");
        CompareLayout(before, now);
        CompareNodes(before, now);
        if (FaultTexts.InWords(now.Faults) is var words && words != FaultTexts.InWords(before.Faults))
            Tell(now, words.Length == 0 ? "good" : "change", words.Length == 0 ? "all faults are mended" : $"faults in force: {words}");
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

    private void CompareNodes(ClusterSnapshot? before, ClusterSnapshot now)
    {
        foreach (var (kind, text) in SightComparison.Compare(before is null ? null : Sights(before), Sights(now))) Tell(now, kind, text);
    }

    private static List<NodeSight> Sights(ClusterSnapshot snapshot) =>
        [.. snapshot.Nodes.Select(static node => Sight(node.Id.Value, node.Status))];

    private static NodeSight Sight(int node, NodeStatus? status) => status is null ? new(node, HasAnswered: false) : new(node, true)
    {
        ProcessId = status.ProcessId,
        UptimeMs = status.UptimeMs,
        IsReady = status.Ready,
        RefusesWrites = status.RefusingWrites,
        Trouble = status.Trouble,
        HeldBytes = status.HeldBytes,
        Peers = status.Peers.ToDictionary(static peer => (int)peer.Node, static peer => peer.Reachable),
        Failures =
        [
            .. from calls in status.Calls
               from failure in calls.Failures
               select (calls.Level, calls.Write, LiveFigures.CodeOf(failure.Code), failure.Count),
        ],
        Slots =
        [
            .. from partition in status.Partitions
               from slot in partition.Slots.Index()
               where slot.Item.Held
               select ((int)partition.Partition, slot.Index, (int)slot.Item.Node, slot.Item.Epoch),
        ],
        Damaged =
        [
            .. from partition in status.Partitions
               where partition.Contradiction.Length > 0 || partition.Contradicting.Count > 0 || partition.Damage is { What.Length: > 0 }
               select (int)partition.Partition,
        ],
    };

    private static string Span(long ms) => TimeSpan.FromMilliseconds(ms) switch
    {
        { TotalSeconds: < 120 and var seconds } => string.Create(CultureInfo.InvariantCulture, $"{seconds:0} seconds"),
        { TotalMinutes: < 120 and var minutes } => string.Create(CultureInfo.InvariantCulture, $"{minutes:0} minutes"),
        { TotalHours: var hours } => string.Create(CultureInfo.InvariantCulture, $"{hours:0} hours"),
    };

    private void Tell(ClusterSnapshot now, string kind, string text)
    {
        lock (_gate)
        {
            _all.Enqueue(new Happening(++_number, now.AtMs, kind, text));
            while (_all.Count > Kept) _all.Dequeue();
        }
    }
}

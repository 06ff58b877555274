using Gossipdb.Client.Admin;
using Gossipdb.Protocol;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Dashboard;

/// <summary>What clients asked of all nodes over the last minutes, from what the nodes have counted. Any thread.</summary>
internal sealed class LiveFigures
{
    /// <summary>Five minutes, at one a second.</summary>
    public const int Kept = 300;

    // Counts further apart say nothing of a second.
    private const long LongestMs = 10_000;
    private readonly Lock _gate = new();
    private readonly Queue<LivePoint> _points = new();

    /// <summary>The points, the oldest first.</summary>
    public IReadOnlyList<LivePoint> Points
    {
        get
        {
            lock (_gate) return [.. _points];
        }
    }

    /// <summary>What was asked between two moments becomes a point.</summary>
    public LivePoint Add(ClusterSnapshot? before, ClusterSnapshot now)
    {
        var point = new LivePoint(now.AtMs, RowsOf(before, now));
        lock (_gate)
        {
            _points.Enqueue(point);
            while (_points.Count > Kept) _points.Dequeue();
        }

        return point;
    }

    /// <summary>The calls a second that a node answered between two moments, and how many of them failed.</summary>
    public static (double Done, double Failed) RateOf(ClusterSnapshot? before, ClusterSnapshot now, NodeId node)
    {
        if (SecondsBetween(before, now) is not { } seconds) return (0, 0);
        var sum = new CallSum();
        foreach (var (counts, old) in Pairs(before!.Of(node)?.Status, now.Of(node)?.Status)) Add(sum, counts, old);
        return (Math.Round(sum.Done / seconds, 1), Math.Round(sum.FailedInAll / seconds, 1));
    }

    private static double? SecondsBetween(ClusterSnapshot? before, ClusterSnapshot now) =>
        before is not null && now.SteadyMs - before.SteadyMs is > 0 and <= LongestMs and var ms ? ms / 1_000.0 : null;

    private static List<LiveRow> RowsOf(ClusterSnapshot? before, ClusterSnapshot now)
    {
        var sums = new SortedDictionary<(string Level, bool Write), CallSum>();
        if (SecondsBetween(before, now) is not { } seconds) return [];
        foreach (var node in now.Nodes)
        {
            foreach (var (counts, old) in Pairs(before!.Of(node.Id)?.Status, node.Status))
            {
                if (!sums.TryGetValue((counts.Level, counts.Write), out var sum)) sums[(counts.Level, counts.Write)] = sum = new CallSum();
                Add(sum, counts, old);
            }
        }

        return [.. sums.Where(static each => each.Value.HasSome).Select(each => Row(each.Key, each.Value, seconds))];
    }

    // A node that has started anew counts from zero: what it has counted is all new.
    private static IEnumerable<(CallCounts Now, CallCounts? Before)> Pairs(NodeStatus? before, NodeStatus? now)
    {
        if (before is null || now is null) yield break;
        var isSame = CallSum.IsSameProcess(before.ProcessId, before.UptimeMs, now.ProcessId, now.UptimeMs);
        foreach (var counts in now.Calls)
        {
            yield return (
                counts, isSame ? before.Calls.FirstOrDefault(old => old.Level == counts.Level && old.Write == counts.Write) : null);
        }
    }

    private static LiveRow Row((string Level, bool Write) key, CallSum sum, double seconds) => new(
        key.Level,
        key.Write,
        Math.Round(sum.Done / seconds, 1),
        sum.Quantile(0.5),
        sum.Quantile(0.99),
        sum.Failed.Count == 0 ? null : sum.Failed.ToDictionary(static one => one.Key, one => Math.Round(one.Value / seconds, 1)));

    private static void Add(CallSum sum, CallCounts counts, CallCounts? old)
    {
        sum.Add(counts.Latencies, old?.Latencies);
        foreach (var failure in counts.Failures)
        {
            sum.AddFailures(
                CodeOf(failure.Code), failure.Count, old?.Failures.FirstOrDefault(one => one.Code == failure.Code)?.Count ?? 0);
        }
    }

    /// <summary>An error's code, as it is shown.</summary>
    public static string CodeOf(ErrorCode code) => code.ToString();
}

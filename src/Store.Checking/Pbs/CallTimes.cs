using Gossipdb.Checking.Operations;

namespace Gossipdb.Checking.Pbs;

/// <summary>How long calls took, in milliseconds, by coordinator and by how many replicas they needed.</summary>
internal sealed class CallTimes
{
    private static readonly Dictionary<int, int> Nobody = [];

    private readonly Dictionary<(int Node, int Needed, bool IsRead), List<double>> _times = [];
    private readonly Dictionary<(int Node, int Needed, bool IsRead), Dictionary<int, int>> _named = [];
    private readonly Dictionary<(int From, int To), List<double>> _sampled = [];

    public CallTimes(RecordedHistory history, long from, long until)
    {
        var nodes = new SortedSet<int>();
        foreach (var key in history.Keys)
        {
            foreach (var call in key.Reads.Concat(key.Changes))
            {
                if (!call.IsOk || call.Start < from || call.End >= until || call.Batch is not null) continue;
                if (call.Session is not null || call.IsInMemory || CoordinatorOf(call) is not (> 0 and var node)) continue;
                if (call.Receipt!.StandIns.Count > 0) continue;
                nodes.Add(node);
                Note(call, node, history.Replication);
            }
        }

        foreach (var sample in history.Samples.Where(sample => sample.At >= from && sample.At < until))
        {
            foreach (var (name, value) in sample.Figures)
            {
                if (!name.StartsWith("rtt.", StringComparison.Ordinal) || !int.TryParse(name.AsSpan(4), out var to)) continue;
                if (!_sampled.TryGetValue((sample.Node, to), out var list)) _sampled.Add((sample.Node, to), list = []);
                list.Add(value);
            }
        }

        Nodes = [.. nodes];
    }

    /// <summary>The nodes that coordinated calls, ascending.</summary>
    public List<int> Nodes { get; }

    /// <summary>The node that coordinated a call; 0 where the history does not say.</summary>
    public static int CoordinatorOf(Operation call) => call.Receipt is { Nodes: [var node, ..] } ? node : 0;

    /// <summary>Calls that needed nobody but their coordinator.</summary>
    public List<double> Alone(int node, bool isRead) => _times.GetValueOrDefault((node, 1, isRead)) ?? [];

    /// <summary>Calls that needed so many replicas, and how often another node was among those that answered in time.</summary>
    public (List<double> Times, double Share) Needing(int node, int other, int needed, bool isRead)
    {
        if (!_times.TryGetValue((node, needed, isRead), out var times)) return ([], 0);
        var named = _named.GetValueOrDefault((node, needed, isRead), Nobody).GetValueOrDefault(other);
        return (times, (double)named / times.Count);
    }

    /// <summary>What the node said of its round trips to another.</summary>
    public List<double> Sampled(int node, int other) => _sampled.GetValueOrDefault((node, other)) ?? [];

    private void Note(Operation call, int node, int replication)
    {
        if (call.Level?.Count(replication) is not { } needed) return;
        var group = (node, needed, call.IsRead);
        if (!_times.TryGetValue(group, out var times))
        {
            _times.Add(group, times = []);
            _named.Add(group, []);
        }

        times.Add((call.End - call.Start) / 1e3);
        var named = _named[group];
        foreach (var other in call.Receipt!.Nodes.Skip(1)) named[other] = named.GetValueOrDefault(other) + 1;
    }
}

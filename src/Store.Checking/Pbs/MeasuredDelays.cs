using Gossipdb.Checking.Operations;

namespace Gossipdb.Checking.Pbs;

/// <summary>
/// The delays of a run, from its own calls. A call that one replica answers tells how long its coordinator takes by itself. One that
/// needs more tells, less that, the round trip from the coordinator to the replica that answered last. How often which replica is named
/// at which level says whose round trip that was. Where there are too few reads, writes serve; where there are no calls at all that
/// need several, the nodes' own samples ("rtt.2": milliseconds to node 2).
/// <para>Both ways of a link are taken to be alike: a link that is slow one way only is predicted wrong.</para>
/// </summary>
public sealed class MeasuredDelays : WarsModel
{
    private const int Least = 20; // calls that say something
    private const int Draws = 2_000;

    private readonly List<int> _nodes;
    private readonly Dictionary<(int From, int To), LatencyDistribution> _ways = [];
    private readonly Dictionary<int, LatencyDistribution> _writes = [];
    private readonly Dictionary<int, LatencyDistribution> _reads = [];
    private readonly Dictionary<int, double> _hops = [];
    private readonly List<(int Writer, int Reader)> _pairs;

    private MeasuredDelays(List<int> nodes, int replicas, List<(int, int)> pairs) =>
        (_nodes, Replicas, _pairs) = (nodes, replicas, pairs);

    /// <inheritdoc/>
    public override int Replicas { get; }

    /// <summary>The nodes, ascending.</summary>
    public IReadOnlyList<int> Nodes => _nodes;

    /// <summary>How long one way takes from one node to another, in milliseconds; null where nothing tells.</summary>
    public LatencyDistribution? Way(int from, int to) => _ways.GetValueOrDefault((from, to));

    /// <summary>The delays of a part of a history; null where it does not tell them.</summary>
    /// <param name="history">The history.</param>
    /// <param name="probes">Between which nodes writes and reads are to be predicted, as often as they occur here.</param>
    /// <param name="from">Only calls that began at this instant or later (microseconds).</param>
    /// <param name="until">Only calls that ended before this instant.</param>
    /// <param name="seed">Of the draws.</param>
    public static MeasuredDelays? Of(
        RecordedHistory history, IReadOnlyList<PbsProbe> probes, long from = 0, long until = long.MaxValue, int seed = 1)
    {
        var calls = new CallTimes(history, from, until);
        if (calls.Nodes.Count == 0) return null;
        var replicas = history.Replication > 0 ? Math.Min(history.Replication, calls.Nodes.Count) : calls.Nodes.Count;
        var pairs = probes.Where(static one => CallTimes.CoordinatorOf(one.Write) > 0 && CallTimes.CoordinatorOf(one.Read) > 0)
            .Select(static one => (CallTimes.CoordinatorOf(one.Write), CallTimes.CoordinatorOf(one.Read))).ToList();
        if (pairs.Count == 0) pairs = [.. calls.Nodes.SelectMany(one => calls.Nodes.Select(other => (one, other)))];
        var delays = new MeasuredDelays(calls.Nodes, replicas, pairs);
        var random = new Random(seed);
        foreach (var node in calls.Nodes)
        {
            var (reads, writes) = (calls.Alone(node, isRead: true), calls.Alone(node, isRead: false));
            if (reads.Count == 0 && writes.Count == 0) return null;
            delays._reads[node] = LatencyDistribution.Of(reads.Count > 0 ? reads : writes);
            delays._writes[node] = LatencyDistribution.Of(writes.Count > 0 ? writes : reads);
            delays._hops[node] = reads.Count > 0 ? Median(reads) / 2 : 0;
            foreach (var other in calls.Nodes.Where(other => other != node))
            {
                var (trips, rest) = RoundTrips(calls, node, other, replicas, random);
                if (trips.Count > 0) delays._ways[(node, other)] = LatencyDistribution.Of(OneWayDelays.Of(trips, rest, random));
            }
        }

        return delays.Complete() ? delays : null;
    }

    /// <inheritdoc/>
    public override void Draw(Random random, Span<double> w, Span<double> a, Span<double> r, Span<double> s)
    {
        var (writer, reader) = _pairs[random.Next(_pairs.Count)];
        Span<int> owners = stackalloc int[Replicas];
        Owners(random, writer, reader, owners);
        var back = _reads[reader].Sample(random) / 2; // from its caller to the reader, and from there to its caller
        for (var i = 0; i < Replicas; i++)
        {
            var owner = owners[i];
            var journal = Math.Max(0, _writes[owner].Sample(random) - (2 * _hops[owner]));
            var hop = _hops[writer];
            (w[i], a[i]) = owner == writer
                ? (hop, journal + hop)
                : (hop + _ways[(writer, owner)].Sample(random), journal + _ways[(owner, writer)].Sample(random) + hop);
            (r[i], s[i]) = owner == reader
                ? (back, back)
                : (back + _ways[(reader, owner)].Sample(random), _ways[(owner, reader)].Sample(random) + back);
        }
    }

    // The two that are asked own the object; who the others are does not matter to them.
    private void Owners(Random random, int writer, int reader, Span<int> owners)
    {
        var count = 0;
        owners[count++] = writer;
        if (reader != writer && count < owners.Length) owners[count++] = reader;
        while (count < owners.Length)
        {
            var node = _nodes[random.Next(_nodes.Count)];
            if (!owners[..count].Contains(node)) owners[count++] = node;
        }
    }

    // A link of which nothing is known one way is as it is the other way.
    private bool Complete()
    {
        foreach (var from in _nodes)
        {
            foreach (var to in _nodes.Where(to => to != from && !_ways.ContainsKey((from, to))))
            {
                if (!_ways.TryGetValue((to, from), out var back)) return false;
                _ways[(from, to)] = back;
            }
        }

        return true;
    }

    // Calls that ended with the other's answer, and calls that needed nobody.
    private static (List<double> Trips, List<double> Alone) RoundTrips(
        CallTimes calls, int node, int other, int replicas, Random random)
    {
        foreach (var isRead in (bool[])[true, false])
        {
            var alone = calls.Alone(node, isRead);
            if (alone.Count == 0) continue;
            var trips = new List<double>();
            var named = 0.0; // how often the node is named at the level below
            for (var level = 2; level <= replicas; level++)
            {
                var (times, share) = calls.Needing(node, other, level, isRead);
                if (times.Count < Least) continue;
                var draws = (int)(Draws * Math.Max(0, share - named));
                for (var i = 0; i < draws; i++) trips.Add(times[random.Next(times.Count)]);
                named = Math.Max(named, share);
            }

            if (trips.Count >= Draws / 20) return (trips, alone);
        }

        return (calls.Sampled(node, other), [0]);
    }

    private static double Median(List<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}

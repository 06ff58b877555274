using Gossipdb.Client.Connection;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>
/// What a session has seen of each partition. Clocks are shared with requests and replies and never changed: most often the clock of a
/// reply covers what was seen before and takes its place as it is.
/// </summary>
internal sealed class SessionClock
{
    // After another node has taken over, the first owner needs to hear what the session saw there: by then it has.
    private const long PreferMs = 1_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<uint, Seen> _partitions = [];
    private int _beginnings;

    private sealed class Seen
    {
        public required Wire.Clock Clock { get; set; }

        public NodeConnection? Node { get; set; }

        public long NodeSinceMs { get; set; }
    }

    public SessionClock()
    {
    }

    public SessionClock(ClockToken token)
    {
        foreach (var clock in token.Clocks)
            _partitions.Add(clock.Partition, new Seen { Clock = clock });
    }

    /// <summary>All that was seen.</summary>
    public ClockToken Token
    {
        get
        {
            lock (_gate)
                return ClockToken.Of(_partitions.Values.Select(static seen => seen.Clock));
        }
    }

    /// <summary>How often it began anew: what it promises does not reach over that.</summary>
    public int Beginnings => Volatile.Read(ref _beginnings);

    /// <summary>Begins a call: the token it is to carry, and the node it is to go to where that one has just served the session.</summary>
    /// <param name="call">The call, with its partition.</param>
    /// <param name="asked">What the caller asks for besides.</param>
    public Wire.Clock? Enter(OutboundCall call, Wire.Clock? asked)
    {
        Wire.Clock clock;
        lock (_gate)
        {
            if (!_partitions.TryGetValue(call.Partition, out var seen))
                return asked;
            clock = seen.Clock;
            if (Environment.TickCount64 - seen.NodeSinceMs < PreferMs)
                call.Preferred = seen.Node;
        }

        if (clock.Entries.Count == 0)
            return asked;
        return asked is null ? clock : Union(clock, asked);
    }

    /// <summary>Takes in what a reply has shown.</summary>
    public void Note(Wire.Clock clock, NodeConnection? node)
    {
        clock = ClockToken.Ordered(clock);
        lock (_gate)
        {
            if (!_partitions.TryGetValue(clock.Partition, out var seen))
                _partitions.Add(clock.Partition, seen = new Seen { Clock = clock });
            else
                seen.Clock = Union(seen.Clock, clock);
            if (ReferenceEquals(seen.Node, node))
                return;
            seen.Node = node;
            seen.NodeSinceMs = Environment.TickCount64;
        }
    }

    /// <summary>Forgets what nobody has any more.</summary>
    public void Drop(uint partition, IEnumerable<Wire.VectorEntry> lost)
    {
        lock (_gate)
        {
            if (!_partitions.TryGetValue(partition, out var seen))
                return;
            var left = new Wire.Clock { Partition = partition };
            left.Entries.Add(
                seen.Clock.Entries.Where(entry => !lost.Any(gone => gone.Replica == entry.Replica && gone.Sequence <= entry.Sequence)));
            seen.Clock = left;
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _beginnings++;
            _partitions.Clear();
        }
    }

    /// <summary>A clock that covers both: one of the two where it does. Both are in ascending order of replica.</summary>
    private static Wire.Clock Union(Wire.Clock left, Wire.Clock right)
    {
        var (leftRises, rightRises) = (false, false);
        var (l, r, count) = (0, 0, 0);
        for (; l < left.Entries.Count || r < right.Entries.Count; count++)
        {
            var order = Order(left, l, right, r);
            if (order < 0) leftRises = true;
            else if (order > 0) rightRises = true;
            else if (left.Entries[l].Sequence > right.Entries[r].Sequence) leftRises = true;
            else if (left.Entries[l].Sequence < right.Entries[r].Sequence) rightRises = true;
            if (order <= 0) l++;
            if (order >= 0) r++;
        }

        if (!rightRises) return left;
        if (!leftRises) return right;
        var union = new Wire.Clock { Partition = left.Partition };
        union.Entries.Capacity = count;
        for (l = r = 0; l < left.Entries.Count || r < right.Entries.Count;)
        {
            var order = Order(left, l, right, r);
            union.Entries.Add(order < 0 || (order == 0 && left.Entries[l].Sequence > right.Entries[r].Sequence)
                ? left.Entries[l]
                : right.Entries[r]);
            if (order <= 0) l++;
            if (order >= 0) r++;
        }

        return union;
    }

    private static int Order(Wire.Clock left, int l, Wire.Clock right, int r)
    {
        if (l == left.Entries.Count) return 1;
        return r == right.Entries.Count ? -1 : left.Entries[l].Replica.CompareTo(right.Entries[r].Replica);
    }
}

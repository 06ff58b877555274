using Gossipdb.Checking.Checks;
using Gossipdb.Checking.Operations;

namespace Gossipdb.Checking.Linearizability;

/// <summary>
/// Registers of which no value is written twice: exact, in n log n (Gibbons and Korach, "Testing shared memories", 1997, section 4).
/// A write and the reads that return its value are a cluster; in any order they stand together. One cluster comes before another where a
/// call of it ended before a call of the other began. There is an order if and only if no two clusters come each before the other, and
/// no read ended before its write began.
/// </summary>
internal static class RegisterZones
{
    public static bool Applies(IReadOnlyList<TimedCall> calls)
    {
        var values = new HashSet<Value> { Value.Nothing }; // which is there at the beginning
        foreach (var call in calls)
        {
            if (call.IsRead) continue;
            if (call.Operation.Act != Act.Write || !values.Add(call.Operation.Argument)) return false;
        }

        return true;
    }

    public static Finding Check(RecordedHistory history, IReadOnlyList<TimedCall> calls)
    {
        var clusters = new Dictionary<Value, Cluster> { [Value.Nothing] = new(null) };
        foreach (var call in calls.Where(static call => !call.IsRead)) clusters[call.Operation.Argument] = new Cluster(call);
        foreach (var read in calls.Where(static call => call.IsRead))
        {
            if (!clusters.TryGetValue(read.Operation.Result, out var cluster))
                return Finding.No($"{Words.Of(history, read.Operation)}, which nobody wrote", read.Operation);
            if (cluster.Write is { Operation: var write } && read.End < write.Start)
                return Finding.No($"{Words.Of(history, read.Operation)} before {Words.Of(history, write)}", read.Operation, write);
            cluster.Add(read);
        }

        return Conflict(history, [.. clusters.Values.Where(static one => one.HasToBe)]);
    }

    private static Finding Conflict(RecordedHistory history, List<Cluster> clusters)
    {
        Finding? smallest = null;
        var forward = clusters.Where(static one => one.FirstEnd < one.LastStart).OrderBy(static one => one.FirstEnd).ToList();
        for (var (i, reach) = (1, 0); i < forward.Count; i++)
        {
            if (forward[i].FirstEnd < forward[reach].LastStart) Note(forward[reach], forward[i]);
            if (forward[i].LastStart > forward[reach].LastStart) reach = i;
        }

        if (smallest is not null) return smallest;
        foreach (var backward in clusters.Where(static one => one.FirstEnd >= one.LastStart))
        {
            var (low, high) = (0, forward.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (forward[middle].FirstEnd < backward.LastStart) low = middle + 1;
                else high = middle;
            }

            if (low > 0 && backward.FirstEnd < forward[low - 1].LastStart) Note(forward[low - 1], backward);
        }

        return smallest ?? Finding.Yes;

        void Note(Cluster one, Cluster other)
        {
            var found = Describe(history, one, other);
            if (found.IsSmallerThan(smallest)) smallest = found;
        }
    }

    // Each has a call that ended before one of the other's began: so each would have to come first.
    private static Finding Describe(RecordedHistory history, Cluster one, Cluster other)
    {
        var order = one.Ender is null ? $"{Text(one)} was there first"
            : $"{Words.Of(history, one.Ender.Value.Operation)} before {Words.Of(history, other.Starter!.Value.Operation)}";
        var back = $"{Words.Of(history, other.Ender!.Value.Operation)} before {Words.Of(history, one.Starter!.Value.Operation)}";
        return Finding.No(
            $"{order}; {back}; so {Text(one)} and {Text(other)} would each have to come before the other",
            ((TimedCall?[])[one.Ender, one.Starter, other.Ender, other.Starter, one.Write, other.Write])
                .Where(static call => call is not null).Select(static call => call!.Value.Operation));

        string Text(Cluster cluster) => history.Texts.Show(cluster.Write?.Operation.Argument ?? Value.Nothing);
    }

    private sealed class Cluster
    {
        private bool _isRead;

        public Cluster(TimedCall? write)
        {
            Write = write;
            (Ender, Starter) = (write, write);
        }

        public TimedCall? Write { get; }

        /// <summary>The call that ended first; null of the beginning.</summary>
        public TimedCall? Ender { get; private set; }

        /// <summary>The call that began last; null of the beginning that nobody read.</summary>
        public TimedCall? Starter { get; private set; }

        public long FirstEnd => Ender?.End ?? long.MinValue;

        public long LastStart => Starter?.Start ?? long.MinValue;

        /// <summary>Whether it needs a place: a write that need not be, and that nobody read, does not.</summary>
        public bool HasToBe => _isRead || Write is null or { IsRequired: true };

        public void Add(TimedCall read)
        {
            _isRead = true;
            if (Write is not null && read.End < FirstEnd) Ender = read;
            if (Starter is null || read.Start > Starter.Value.Start) Starter = read;
        }
    }
}

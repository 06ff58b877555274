using Gossipdb.Checking.Checks;
using Gossipdb.Checking.Operations;

namespace Gossipdb.Checking.Linearizability;

/// <summary>
/// Counters that only grow, by the same amount each time: exact, in n log n. Reads stand in the order of their values. Before the reads
/// of a value stand as many increments as it says: the ones that must have ended soonest, of those that had begun by the time the first
/// such read (or one of a higher value) ended. There is an order if and only if that leaves no increment behind which had ended before
/// one of these reads (or one of a lower value) began, and no read of a higher value ended before one of a lower value began. (Which
/// increments are taken is scheduling by the earliest deadline: if any choice works, this one does.)
/// </summary>
internal static class GrowingCounter
{
    public static bool Applies(IReadOnlyList<TimedCall> calls)
    {
        var amount = calls.FirstOrDefault(static call => !call.IsRead).Operation?.Amount ?? 1;
        return amount > 0 && calls.All(call => call.IsRead || call.Operation.Amount == amount);
    }

    public static Finding Check(RecordedHistory history, IReadOnlyList<TimedCall> calls)
    {
        var amount = calls.FirstOrDefault(static call => !call.IsRead).Operation?.Amount ?? 1;
        var reads = calls.Where(static call => call.IsRead).Select(static call => call.Operation).ToList();
        if (reads.Count == 0) return Finding.Yes;
        if (reads.Find(one => one.Result.Number % amount != 0 || one.Result.Number < 0) is { } odd)
            return Finding.No($"{Words.Of(history, odd)}, and all that was ever added is {amount} at a time", odd);
        return Inverted(history, reads) ?? Count(history, calls, reads, amount) ?? Finding.Yes;
    }

    private static Finding? Inverted(RecordedHistory history, List<Operation> reads)
    {
        Finding? smallest = null;
        Operation? highest = null;
        var byEnd = reads.OrderBy(static one => one.End).ToList();
        var next = 0;
        foreach (var read in reads.OrderBy(static one => one.Start))
        {
            for (; next < byEnd.Count && byEnd[next].End < read.Start; next++)
                if (highest is null || byEnd[next].Result.Number >= highest.Result.Number) highest = byEnd[next];
            if (highest is null || highest.Result.Number <= read.Result.Number) continue;
            var found = Finding.No($"{Words.Of(history, highest)} before {Words.Of(history, read)}", highest, read);
            if (found.IsSmallerThan(smallest)) smallest = found;
        }

        return smallest;
    }

    private static Finding? Count(RecordedHistory history, IReadOnlyList<TimedCall> calls, List<Operation> reads, long amount)
    {
        var byStart = calls.Where(static call => !call.IsRead).OrderBy(static call => call.Start).ToList();
        var firstEnds = new long[byStart.Count + 1]; // of the increments from here on
        firstEnds[^1] = Operation.Never;
        for (var i = byStart.Count - 1; i >= 0; i--) firstEnds[i] = Math.Min(firstEnds[i + 1], byStart[i].End);
        var groups = reads.GroupBy(static one => one.Result.Number).OrderBy(static group => group.Key).ToList();
        var enders = new Operation[groups.Count]; // the read of this value or a higher one that ended first
        for (var i = groups.Count - 1; i >= 0; i--)
        {
            var ender = groups[i].MinBy(static one => one.End)!;
            enders[i] = i + 1 < groups.Count && enders[i + 1].End < ender.End ? enders[i + 1] : ender;
        }

        var begun = new PriorityQueue<TimedCall, long>(); // not taken yet, by their end
        var (next, taken) = (0, 0L);
        Operation? starter = null; // the read of this value or a lower one that began last
        for (var i = 0; i < groups.Count; i++)
        {
            var last = groups[i].MaxBy(static one => one.Start)!;
            if (starter is null || last.Start > starter.Start) starter = last;
            for (; next < byStart.Count && byStart[next].Start <= enders[i].End; next++) begun.Enqueue(byStart[next], byStart[next].End);
            var count = groups[i].Key / amount;
            for (; taken < count && begun.Count > 0; taken++) begun.Dequeue();
            if (taken < count)
            {
                var shown = enders[i].Result.Number;
                return Finding.No(
                    $"{Words.Of(history, enders[i])}, and when it ended, {taken * amount} had been asked for"
                        + (shown == groups[i].Key ? "" : $" ({groups[i].Key} was read, too)"),
                    enders[i], groups[i].First());
            }

            var isLeft = begun.TryPeek(out var left, out var end) && end < starter.Start;
            if (!isLeft && firstEnds[next] < starter.Start)
                (isLeft, left) = (true, byStart.Skip(next).MinBy(static call => call.End));
            if (isLeft) return Left(history, byStart, left.Operation, starter, enders[i]);
        }

        return null;
    }

    private static Finding Left(RecordedHistory history, List<TimedCall> byStart, Operation left, Operation read, Operation ender)
    {
        var acked = byStart.Where(call => call.End < read.Start).ToList();
        var sum = acked.Sum(static call => call.Operation.Amount);
        var latest = acked.MaxBy(static call => call.End).Operation;
        return sum > read.Result.Number
            ? Finding.No(
                $"{Words.Of(history, latest)} before {Words.Of(history, read)}, and what had been acked by then comes to {sum}",
                latest, read)
            : Finding.No(
                (ender == read ? "" : $"{Words.Of(history, ender)}; ")
                    + $"{Words.Of(history, left)} before {Words.Of(history, read)}, which does not count it",
                ender, left, read);
    }
}

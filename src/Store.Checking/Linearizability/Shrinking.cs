using Gossipdb.Checking.Operations;

namespace Gossipdb.Checking.Linearizability;

/// <summary>
/// Makes a history without an order smaller, as long as it has none: calls that came later are left out, reads are left out, and changes
/// need no longer take effect in time. Each step only takes away conditions. So what is left has no order for the same reason, and the
/// calls that still have conditions are the evidence.
/// </summary>
internal sealed class Shrinking(Func<IReadOnlyList<TimedCall>, Linear> check)
{
    private const int Tries = 600;

    private int _tries;

    /// <summary>The calls that still have conditions, by their start.</summary>
    public IReadOnlyList<Operation> Shrink(IReadOnlyList<TimedCall> calls)
    {
        var left = Prefix(calls);
        for (var size = Math.Max(1, Required(left) / 2); size >= 1; size /= 2)
        {
            var at = Required(left);
            while (at > 0 && _tries < Tries)
            {
                var smaller = Without(left, Math.Max(0, at - size), at);
                if (Fails(smaller)) left = smaller;
                at -= size;
            }
        }

        return [.. left.Where(static call => call.IsRequired).Select(static call => call.Operation).OrderBy(static one => one.Start)];
    }

    private static int Required(List<TimedCall> calls) => calls.Count(static call => call.IsRequired);

    // Up to the first return at which there is no order any more.
    private List<TimedCall> Prefix(IReadOnlyList<TimedCall> calls)
    {
        var ends = calls.Where(static call => call.IsRequired).Select(static call => call.End).Order().ToList();
        var (low, high) = (0, ends.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Fails(Until(calls, ends[middle]))) high = middle;
            else low = middle + 1;
        }

        return Until(calls, ends[high]);
    }

    private static List<TimedCall> Until(IReadOnlyList<TimedCall> calls, long end)
    {
        var until = new List<TimedCall>();
        foreach (var call in calls)
        {
            if (call.Start > end) continue;
            if (call.End <= end) until.Add(call);
            else if (!call.IsRead) until.Add(call with { IsRequired = false });
        }

        return until;
    }

    // Without the conditions of the required calls of these places.
    private static List<TimedCall> Without(List<TimedCall> calls, int from, int to)
    {
        var (smaller, place) = (new List<TimedCall>(), 0);
        foreach (var call in calls)
        {
            var isOut = call.IsRequired && place >= from && place < to;
            if (call.IsRequired) place++;
            if (!isOut) smaller.Add(call);
            else if (!call.IsRead) smaller.Add(call with { IsRequired = false });
        }

        return smaller;
    }

    private bool Fails(List<TimedCall> calls)
    {
        _tries++;
        return check(calls) == Linear.No;
    }
}

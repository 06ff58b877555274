using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Checking.Checks;

/// <summary>How stale a read was.</summary>
/// <param name="Read">The read.</param>
/// <param name="Age">
/// Microseconds from the ack of the oldest write that it lacks to the read's beginning; 0 of a read that lacks nothing.
/// </param>
/// <param name="Versions">How many acked writes it lacks.</param>
public readonly record struct ReadStaleness(Operation Read, long Age, int Versions);

/// <summary>
/// How old what reads return is, in time and in versions: Δ and k of Golab, Li and Shah, "Analyzing consistency properties for fun and
/// profit", 2011, of each read by itself. A read lacks a write that was acked before it began, where what it returns is certainly
/// older. Where writes in doubt leave a choice, the smaller staleness is told. Measured of registers, sets, flags, multi-value registers,
/// and counters that only grow.
/// </summary>
public sealed class StalenessCheck : IHistoryCheck
{
    /// <inheritdoc/>
    public string Name => "staleness";

    /// <inheritdoc/>
    public string Question => "How old is what reads return, in time and in versions, by level? A measurement: it always holds.";

    /// <inheritdoc/>
    public IEnumerable<Verdict> Check(RecordedHistory history, CancellationToken stop)
    {
        var findings = new Findings(Name);
        var byLevel = new SortedDictionary<string, List<ReadStaleness>>(StringComparer.Ordinal);
        foreach (var one in Measure(history, stop))
        {
            findings.Looked++;
            var level = one.Read.Level?.Name ?? "default";
            if (!byLevel.TryGetValue(level, out var list)) byLevel.Add(level, list = []);
            list.Add(one);
        }

        foreach (var (level, reads) in byLevel)
        {
            reads.Sort(static (one, other) => one.Age.CompareTo(other.Age));
            findings.Figure($"reads.{level}", reads.Count);
            findings.Figure($"stale.{level}", reads.Count(static one => one.Versions > 0));
            findings.Figure($"age-p50-ms.{level}", At(reads, 0.5));
            findings.Figure($"age-p99-ms.{level}", At(reads, 0.99));
            findings.Figure($"age-max-ms.{level}", At(reads, 1));
            findings.Figure($"versions-max.{level}", reads.Max(static one => one.Versions));
        }

        var told = string.Join("; ", byLevel.Select(static pair => Told(pair.Key, pair.Value)));
        return [findings.Verdict($"Of reads, stale were: {told}.", "", "There is no read of a type whose staleness can be told.")];
    }

    /// <summary>The staleness of every read that it can be told of, object by object.</summary>
    /// <param name="history">The history.</param>
    /// <param name="stop">Gives up.</param>
    public static IEnumerable<ReadStaleness> Measure(RecordedHistory history, CancellationToken stop = default)
    {
        foreach (var key in history.Keys)
        {
            stop.ThrowIfCancellationRequested();
            if (key.Reads.Count == 0) continue;
            var measured = ElementView.Of(key) is { } view ? OfElements(view)
                : key.Type == ObjectType.Register ? OfRegister(key)
                : CounterBounds.IsCounter(key.Type) ? OfCounter(key)
                : [];
            foreach (var one in measured) yield return one;
        }
    }

    private static string Told(string level, List<ReadStaleness> reads)
    {
        var stale = reads.Count(static one => one.Versions > 0);
        var share = $"{level} {100.0 * stale / reads.Count:0.##} % of {reads.Count:#,0}";
        var versions = reads.Max(static one => one.Versions);
        return stale == 0 ? share : $"{share} (by up to {Words.Span(reads[^1].Age)} and {Words.Count(versions, "version")})";
    }

    private static double At(List<ReadStaleness> reads, double part) =>
        reads[Math.Clamp((int)Math.Ceiling(part * reads.Count) - 1, 0, reads.Count - 1)].Age / 1e3;

    private static List<Operation> AckedByEnd(KeyHistory key, Predicate<Operation> which)
    {
        var acked = key.Changes.FindAll(one => one.IsOk && which(one));
        acked.Sort(static (one, other) => one.End.CompareTo(other.End));
        return acked;
    }

    private static IEnumerable<ReadStaleness> OfRegister(KeyHistory key)
    {
        var view = new RegisterView(key);
        var acked = AckedByEnd(key, static one => one.Act is Act.Write or Act.Delete);
        foreach (var read in key.Reads)
        {
            var shown = view.Latest(read.Result);
            var (versions, oldest) = (0, 0L);

            // From the newest back: what ended before the shown write could have begun after it no more.
            for (var i = CountBefore(acked, read.Start) - 1; i >= 0 && acked[i].End > shown; i--)
            {
                if (shown >= acked[i].Start) continue;
                (versions, oldest) = (versions + 1, acked[i].End);
            }

            yield return new ReadStaleness(read, versions == 0 ? 0 : read.Start - oldest, versions);
        }
    }

    private static IEnumerable<ReadStaleness> OfCounter(KeyHistory key)
    {
        if (key.Changes.Exists(static one => one.Amount <= 0)) yield break;
        var acked = AckedByEnd(key, static _ => true);
        var sums = new long[acked.Count + 1];
        for (var i = 0; i < acked.Count; i++) sums[i + 1] = sums[i] + acked[i].Amount;
        foreach (var read in key.Reads)
        {
            var before = CountBefore(acked, read.Start);
            var missing = sums[before] - read.Result.Number;
            var first = before;
            while (missing > sums[before] - sums[first]) first--;
            yield return new ReadStaleness(read, first == before ? 0 : read.Start - acked[first].End, before - first);
        }
    }

    private static IEnumerable<ReadStaleness> OfElements(ElementView view)
    {
        var acked = AckedByEnd(view.Key, static one => one.Act is Act.Add or Act.Write or Act.Enable);
        var sure = new List<(int Element, Operation Add)>();
        foreach (var add in acked)
            foreach (var element in view.AddedBy(add)) sure.Add((element, add));
        var marks = new Dictionary<int, int>();
        var number = 0;
        foreach (var read in view.Key.Reads)
        {
            number++;
            foreach (var element in view.Shown(read.Result)) marks[element] = number;
            var (versions, oldest, last) = (0, 0L, (Operation?)null);
            foreach (var (element, add) in sure)
            {
                if (add.End >= read.Start) break;
                if (marks.GetValueOrDefault(element) == number || view.MayBeTaken(element, add, read.End)) continue;
                if (versions == 0) oldest = add.End;
                if (add != last) versions++;
                last = add;
            }

            yield return new ReadStaleness(read, versions == 0 ? 0 : read.Start - oldest, versions);
        }
    }

    private static int CountBefore(List<Operation> byEnd, long instant)
    {
        var (low, high) = (0, byEnd.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (byEnd[middle].End < instant) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}

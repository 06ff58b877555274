using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Checking.Checks;

/// <summary>
/// Reads at R + W > N are regular (Lamport, "On interprocess communication", 1986): each shows every write that was acked, at a level that
/// meets its own, before it began, or something newer. Strict levels only: stand-ins meet nobody.
/// </summary>
public sealed class RegularReadsCheck : IHistoryCheck
{
    /// <inheritdoc/>
    public string Name => "regular-reads";

    /// <inheritdoc/>
    public string Question => "Does every read at R + W > N show every write that was acked before it began?";

    /// <inheritdoc/>
    public IEnumerable<Verdict> Check(RecordedHistory history, CancellationToken stop)
    {
        var findings = new Findings(Name);
        if (history.Replication <= 0)
            return [findings.Unknown("The history does not say how many replicas a key has (\"run\" with \"replication\").")];
        var promises = new Promises(history);
        foreach (var key in history.Keys)
        {
            foreach (var reads in key.Reads.Where(static one => one.Level is { IsSloppy: false }).GroupBy(static one => one.Level!))
            {
                stop.ThrowIfCancellationRequested();
                var met = key.Changes.FindAll(one => promises.Binds(one) && Level.Intersect(reads.Key, one.Level, history.Replication));
                if (met.Count == 0) continue;
                met.Sort(static (one, other) => one.End.CompareTo(other.End));
                if (ElementView.Of(key) is { } view) AskElements(history, view, reads, met, findings);
                else if (CounterBounds.IsCounter(key.Type)) AskCounter(history, key, reads, met, findings);
                else if (key.Type == ObjectType.Register) AskRegister(history, new RegisterView(key), reads, met, findings);
            }
        }

        findings.Figure("missed", findings.Count);
        return
        [
            findings.Verdict(
                $"All of {Words.Count(findings.Looked, "read")} at levels with R + W > N show what was acked before.",
                $"{Words.Count(findings.Count, "read")} of {findings.Looked:#,0} at levels with R + W > N miss what was acked before.",
                "There is no read at a strict level with R + W > N."),
        ];
    }

    private static void AskRegister(
        RecordedHistory history, RegisterView view, IEnumerable<Operation> reads, List<Operation> met, Findings findings)
    {
        var (next, newest) = (0, (Operation?)null); // of those acked before the read, the one that began last
        foreach (var read in reads)
        {
            for (; next < met.Count && met[next].End < read.Start; next++)
                if (newest is null || met[next].Start > newest.Start) newest = met[next];
            if (newest is null) continue;
            findings.Looked++;
            if (view.Latest(read.Result) >= newest.Start - LostWritesCheck.ClockTick) continue;
            var (missed, maker) = (newest, view.Makers(read.Result).LastOrDefault());
            var older = maker is null ? "" : $"; {Words.Of(history, maker)}, before that";
            findings.Add(
                () => $"{Words.Of(view.Key)}: {Words.Of(history, missed)} and was acked{older}; yet {Words.Of(history, read)}.",
                maker is null ? [missed, read] : [maker, missed, read]);
        }
    }

    private static void AskCounter(
        RecordedHistory history, KeyHistory key, IEnumerable<Operation> reads, List<Operation> met, Findings findings)
    {
        if (key.Changes.Exists(static one => one.Act is Act.Reset or Act.Delete)) return;
        var begun = key.Changes; // by start
        var ends = reads.OrderBy(static one => one.End).ToList();
        var asked = new Dictionary<Operation, (long Added, long Taken)>(ReferenceEqualityComparer.Instance);
        var (added, taken, next) = (0L, 0L, 0);
        foreach (var read in ends)
        {
            for (; next < begun.Count && begun[next].Start < read.End; next++)
                (added, taken) = (added + Math.Max(0, begun[next].Amount), taken + Math.Max(0, -begun[next].Amount));
            asked[read] = (added, taken);
        }

        var (sureAdded, sureTaken, last) = (0L, 0L, 0);
        foreach (var read in reads)
        {
            for (; last < met.Count && met[last].End < read.Start; last++)
                (sureAdded, sureTaken) = (sureAdded + Math.Max(0, met[last].Amount), sureTaken + Math.Max(0, -met[last].Amount));
            if (last == 0) continue;
            findings.Looked++;
            var (least, most) = (sureAdded - asked[read].Taken, asked[read].Added - sureTaken);
            if (read.Result.Number >= least && read.Result.Number <= most) continue;
            var newest = met[last - 1];
            findings.Add(
                () => $"{Words.Of(key)}: what had been acked before comes to {least} at least and {most} at most,"
                    + $" the last of it {Words.Of(history, newest)}; yet {Words.Of(history, read)}.",
                newest, read);
        }
    }

    private static void AskElements(
        RecordedHistory history, ElementView view, IEnumerable<Operation> reads, List<Operation> met, Findings findings)
    {
        var marks = new Dictionary<int, int>(); // element: the number of the last read that showed it
        var (next, number) = (0, 0);
        var sure = new List<(int Element, Operation Add)>();
        foreach (var read in reads)
        {
            for (; next < met.Count && met[next].End < read.Start; next++)
                foreach (var element in view.AddedBy(met[next])) sure.Add((element, met[next]));
            if (sure.Count == 0) continue;
            findings.Looked++;
            number++;
            foreach (var element in view.Shown(read.Result)) marks[element] = number;
            foreach (var (element, add) in sure)
            {
                if (marks.GetValueOrDefault(element) == number || view.MayBeTaken(element, add, read.End)) continue;
                findings.Add(
                    () => $"{Words.Of(view.Key)}: {Words.Of(history, add)} and was acked; nothing took it away;"
                        + $" yet {Words.Of(history, read)}.",
                    add, read);
                break;
            }
        }
    }
}

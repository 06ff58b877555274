using Gossipdb.Checking.Operations;

namespace Gossipdb.Checking.Pbs;

/// <summary>A read after a write of the same object, with nothing written between or meanwhile.</summary>
/// <param name="Write">The write.</param>
/// <param name="Read">The read.</param>
/// <param name="IsSeen">Whether the read showed the write.</param>
public readonly record struct PbsProbe(Operation Write, Operation Read, bool IsSeen)
{
    /// <summary>From the write's ack to the read's beginning, in milliseconds.</summary>
    public double After => (Read.Start - Write.End) / 1e3;
}

/// <summary>The reads of a history that tell whether the last write is seen: of registers, and of sets.</summary>
public static class PbsProbes
{
    /// <summary>
    /// The probes, without those of sessions (which wait for what they have seen).
    /// </summary>
    /// <param name="history">The history.</param>
    /// <param name="from">Only what began at this instant or later (microseconds).</param>
    /// <param name="until">Only what ended before this instant.</param>
    public static IEnumerable<PbsProbe> Of(RecordedHistory history, long from = 0, long until = long.MaxValue)
    {
        foreach (var key in history.Keys)
        {
            if (key.Type is not (ObjectType.Register or ObjectType.Set) || key.Reads.Count == 0) continue;
            var (next, newest, latest) = (0, (Operation?)null, long.MinValue); // latest: when all but the newest had ended
            foreach (var read in key.Reads)
            {
                for (; next < key.Changes.Count && key.Changes[next].Start < read.End; next++)
                {
                    latest = Math.Max(latest, newest?.Latest ?? long.MinValue);
                    newest = key.Changes[next];
                }

                if (newest is null || newest.Start < from || read.End >= until) continue;
                if (!newest.IsOk || newest.End >= read.Start || latest >= newest.Start) continue;
                if (newest.Session is not null || read.Session is not null) continue;
                if (newest.Act == Act.Write) yield return new PbsProbe(newest, read, read.Result == newest.Argument);
                else if (newest.Act == Act.Add) yield return new PbsProbe(newest, read, ShowsAll(read.Result, newest.Argument));
            }
        }
    }

    private static bool ShowsAll(Value shown, Value added)
    {
        foreach (var element in added.Texts)
            if (!shown.Has(element)) return false;
        return true;
    }
}

using Gossipdb.Checking.Operations;

namespace Gossipdb.Checking.Checks;

/// <summary>Walks through chains of calls, object by object, and notes where a guarantee does not hold.</summary>
internal sealed class SessionAudit
{
    private readonly RecordedHistory _history;
    private readonly Dictionary<SessionGuarantee, Findings> _findings = [];
    private readonly Dictionary<KeyHistory, ElementView?> _elements = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<KeyHistory, Takes> _takes = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<KeyHistory, RegisterView> _registers = new(ReferenceEqualityComparer.Instance);

    private SessionAudit(RecordedHistory history)
    {
        _history = history;
        foreach (var guarantee in Enum.GetValues<SessionGuarantee>()) _findings.Add(guarantee, new Findings(guarantee.ToString()));
    }

    private Findings ReadYourWrites => _findings[SessionGuarantee.ReadYourWrites];

    private Findings MonotonicReads => _findings[SessionGuarantee.MonotonicReads];

    public static IReadOnlyDictionary<SessionGuarantee, Findings> Of(
        RecordedHistory history, IReadOnlyDictionary<string, List<Operation>> chains, CancellationToken stop)
    {
        var audit = new SessionAudit(history);
        var causes = new Dictionary<KeyHistory, CausalElements>(ReferenceEqualityComparer.Instance);
        foreach (var chain in chains.Values)
        {
            stop.ThrowIfCancellationRequested();
            foreach (var calls in chain.GroupBy(static one => one.Key))
                audit.Walk(calls.Key, [.. calls], causes);
        }

        foreach (var cause in causes.Values)
        {
            stop.ThrowIfCancellationRequested();
            cause.Check(history, audit._findings[SessionGuarantee.MonotonicWrites], audit._findings[SessionGuarantee.WritesFollowReads]);
        }

        return audit._findings;
    }

    private void Walk(KeyHistory key, List<Operation> calls, Dictionary<KeyHistory, CausalElements> causes)
    {
        if (!_elements.TryGetValue(key, out var view)) _elements.Add(key, view = ElementView.Of(key));
        if (view is not null)
        {
            WalkElements(view, calls);
            if (key.Type != ObjectType.Set) return;
            if (!causes.TryGetValue(key, out var cause)) causes.Add(key, cause = new CausalElements(view));
            cause.Add(calls);
        }
        else if (key.Type == ObjectType.Register)
        {
            if (!_registers.TryGetValue(key, out var register)) _registers.Add(key, register = new RegisterView(key));
            WalkRegister(register, calls);
        }
        else if (CounterBounds.IsCounter(key.Type))
        {
            WalkCounter(key, calls);
        }
    }

    private void WalkElements(ElementView view, List<Operation> calls)
    {
        var known = new Dictionary<int, (Operation By, long Since)>(); // by what the chain came to know it, and when that had begun
        var marks = new HashSet<int>();
        foreach (var call in calls)
        {
            if (!call.IsOk) continue;
            if (!call.IsRead)
            {
                foreach (var element in view.AddedBy(call)) known[element] = (call, call.Start);
                if (view.Key.Type == ObjectType.MultiRegister) continue;
            }

            if (!call.IsRead) continue;
            marks.Clear();
            foreach (var element in view.Shown(call.Result)) marks.Add(element);
            var (own, read) = (false, false);
            foreach (var (element, (by, since)) in known)
            {
                if (by.End >= call.Start) continue;
                (own, read) = (own | !by.IsRead, read | by.IsRead);
                if (marks.Contains(element)) continue;
                if (by.IsRead ? view.MayBeGone(element, call.End) : view.MayBeTaken(element, by, call.End)) continue;
                var add = by;
                (by.IsRead ? MonotonicReads : ReadYourWrites).Add(
                    () => $"{Words.Of(view.Key)}: {Words.Of(_history, add)}; nothing took {ElementView.Show(_history, element)} away;"
                        + $" yet {Words.Of(_history, call)}.",
                    by, call);
                break;
            }

            if (own) ReadYourWrites.Looked++;
            if (read) MonotonicReads.Looked++;
            foreach (var element in marks) known[element] = (call, call.Start);
        }
    }

    private void WalkRegister(RegisterView view, List<Operation> calls)
    {
        var seen = new HashSet<Operation>(ReferenceEqualityComparer.Instance);
        (Operation Write, Operation By)? newest = null; // what the chain knew last
        (Operation Write, Operation By)? latest = null; // of all it knew, what began last
        foreach (var call in calls)
        {
            if (!call.IsOk) continue;
            var isWrite = call.Act is Act.Write;
            if (!isWrite && !call.IsRead)
            {
                (newest, latest) = (null, null); // a deletion begins anew
                seen.Clear();
                continue;
            }

            var shown = isWrite ? call : view.Maker(call.Result);
            if (call.IsRead && newest is { } before && before.By.End < call.Start)
            {
                (before.By.IsRead ? MonotonicReads : ReadYourWrites).Looked++;
                if (view.Latest(call.Result) < latest!.Value.Write.Start - LostWritesCheck.ClockTick) Older(view, latest.Value, call);
                else if (shown is not null && shown != before.Write && seen.Contains(shown)) Older(view, before, call);
            }

            if (shown is null) continue;
            seen.Add(shown);
            newest = (shown, call);
            if (latest is null || shown.Start > latest.Value.Write.Start) latest = (shown, call);
        }
    }

    private void Older(RegisterView view, (Operation Write, Operation By) known, Operation read) =>
        (known.By.IsRead ? MonotonicReads : ReadYourWrites).Add(
            () => $"{Words.Of(view.Key)}: {Words.Of(_history, known.By)}; yet then {Words.Of(_history, read)}, which is older.",
            known.By, read);

    private void WalkCounter(KeyHistory key, List<Operation> calls)
    {
        if (!_takes.TryGetValue(key, out var takes)) _takes.Add(key, takes = Takes.Of(key));
        if (takes.HasResets) return;
        var pending = new List<Operation>(); // own changes that had not ended when the chain last read
        var (mine, since) = (0L, 0L); // own changes that had ended: all, and those since the last read
        Operation? last = null;
        Operation? newest = null;
        foreach (var call in calls)
        {
            if (!call.IsOk) continue;
            if (!call.IsRead)
            {
                if (call.Amount > 0) pending.Add(call);
                continue;
            }

            foreach (var own in pending.Where(own => own.End < call.Start))
            {
                (mine, newest) = (mine + own.Amount, own);
                if (last is null || own.Start > last.End) since += own.Amount;
            }

            pending.RemoveAll(own => own.End < call.Start);
            AskCounter(key, call, call.Result.Number + takes.Before(call.End), last?.End < call.Start ? last : null, newest, mine, since);
            (last, since) = (call, 0);
        }
    }

    private void AskCounter(KeyHistory key, Operation read, long value, Operation? before, Operation? newest, long mine, long since)
    {
        if (newest is not null) ReadYourWrites.Looked++;
        if (before is not null) MonotonicReads.Looked++;
        if (before is not null && value < before.Result.Number)
        {
            MonotonicReads.Add(() => $"{Words.Of(key)}: {Words.Of(_history, before)}; yet then {Words.Of(_history, read)}.", before, read);
        }
        else if (newest is not null && value < Math.Max(mine, (before?.Result.Number ?? 0) + since))
        {
            ReadYourWrites.Add(
                () => $"{Words.Of(key)}: {Words.Of(_history, newest)}"
                    + (before is null ? $", {mine} in all" : $", after {Words.Of(_history, before)}")
                    + $"; yet then {Words.Of(_history, read)}.",
                before is null ? [newest, read] : [before, newest, read]);
        }
    }

    /// <summary>What was taken from a counter, by when that began.</summary>
    private sealed record Takes(bool HasResets, long[] Starts, long[] Sums)
    {
        public static Takes Of(KeyHistory key)
        {
            var takes = key.Changes.FindAll(static one => one.Amount < 0);
            var sums = new long[takes.Count + 1];
            for (var i = 0; i < takes.Count; i++) sums[i + 1] = sums[i] - takes[i].Amount;
            var hasResets = key.Changes.Exists(static one => one.Act is Act.Reset or Act.Delete);
            return new Takes(hasResets, [.. takes.Select(static one => one.Start)], sums);
        }

        public long Before(long instant)
        {
            var at = Array.BinarySearch(Starts, instant);
            if (at < 0) at = ~at;
            while (at > 0 && Starts[at - 1] >= instant) at--;
            return Sums[at];
        }
    }
}

using Gossipdb.Checking.Operations;

namespace Gossipdb.Checking.Checks;

/// <summary>
/// Of one set: in which order sessions came to know its elements. Whoever sees an element that a session added sees what that session
/// had added and read before, unless something took that away.
/// </summary>
internal sealed class CausalElements(ElementView view)
{
    private readonly List<List<(int Element, Operation By)>> _known = []; // by session, in the order of coming to know

    // Elements that were added once, and how many its session knew by then.
    private readonly Dictionary<int, (int Session, int Before, Operation Add)> _added = [];

    /// <summary>The calls of one session, by their start.</summary>
    public void Add(IReadOnlyList<Operation> calls)
    {
        var (session, known, have) = (_known.Count, new List<(int, Operation)>(), new HashSet<int>());
        _known.Add(known);
        var until = 0L; // only what had ended when a call began was known to it
        foreach (var call in calls)
        {
            if (!call.IsOk || call.Start <= until) continue;
            until = call.End;
            if (call.IsRead)
            {
                foreach (var element in view.Shown(call.Result))
                    if (have.Add(element)) known.Add((element, call));
                continue;
            }

            var before = known.Count;
            foreach (var element in view.AddedBy(call))
            {
                if (view.Adds[element].Count == 1) _added[element] = (session, before, call);
                if (have.Add(element)) known.Add((element, call));
            }
        }
    }

    /// <summary>Asks every read of the set.</summary>
    public void Check(RecordedHistory history, Findings monotonicWrites, Findings writesFollowReads)
    {
        var shown = new HashSet<int>();
        foreach (var read in view.Key.Reads)
        {
            shown.Clear();
            foreach (var element in view.Shown(read.Result)) shown.Add(element);
            var furthest = new Dictionary<int, (int Before, Operation Add)>();
            foreach (var element in shown)
            {
                if (!_added.TryGetValue(element, out var added) || added.Before == 0) continue;
                if (!furthest.TryGetValue(added.Session, out var so) || so.Before < added.Before)
                    furthest[added.Session] = (added.Before, added.Add);
            }

            foreach (var (session, (before, add)) in furthest)
                Ask(history, read, session, before, add, shown, monotonicWrites, writesFollowReads);
        }
    }

    private void Ask(
        RecordedHistory history, Operation read, int session, int before, Operation add, HashSet<int> shown, Findings monotonicWrites,
        Findings writesFollowReads)
    {
        var (own, others) = (false, false);
        for (var i = 0; i < before; i++)
        {
            var (element, by) = _known[session][i];
            (own, others) = (own | !by.IsRead, others | by.IsRead);
            if (shown.Contains(element) || view.MayBeGone(element, read.End)) continue;
            (by.IsRead ? writesFollowReads : monotonicWrites).Add(
                () => $"{Words.Of(view.Key)}: {Words.Of(history, by)}, then {Words.Of(history, add)};"
                    + $" nothing took {ElementView.Show(history, element)} away; yet {Words.Of(history, read)}.",
                by, add, read);
            break;
        }

        if (own) monotonicWrites.Looked++;
        if (others) writesFollowReads.Looked++;
    }
}

using Gossipdb.Checking.Checks;
using Gossipdb.Checking.Operations;

namespace Gossipdb.Checking.Linearizability;

/// <summary>
/// Sets that only grow, each element added by one call: exact, in n log n and the size of what reads show. There is an order if and only
/// if what reads show forms a chain, each a part of the next, and no call that ended before another began has a later place in that
/// chain: a read's place is what it shows, an add's the first that shows it.
/// </summary>
internal static class GrowingSet
{
    public static bool Applies(IReadOnlyList<TimedCall> calls)
    {
        var elements = new HashSet<int>();
        foreach (var call in calls)
        {
            if (call.IsRead) continue;
            if (call.Operation.Act != Act.Add) return false;
            foreach (var element in call.Operation.Argument.Texts)
                if (!elements.Add(element)) return false;
        }

        return true;
    }

    public static Finding Check(RecordedHistory history, IReadOnlyList<TimedCall> calls)
    {
        var adders = new Dictionary<int, TimedCall>();
        foreach (var call in calls.Where(static call => !call.IsRead))
            foreach (var element in call.Operation.Argument.Texts) adders[element] = call;
        var reads = calls.Where(static call => call.IsRead).OrderBy(static call => call.Operation.Result.Texts.Length).ToList();
        var places = new Dictionary<Operation, int>(ReferenceEqualityComparer.Instance);
        var shown = new HashSet<int>();
        var shower = new Dictionary<Operation, Operation>(ReferenceEqualityComparer.Instance); // of an add: the first in the chain
        var place = 1;
        for (var i = 0; i < reads.Count; i++)
        {
            var read = reads[i].Operation;
            if (i > 0 && !IsPart(reads[i - 1].Operation.Result, read.Result)) return Crossed(history, reads[i - 1].Operation, read, adders);
            if (i > 0 && read.Result.Texts.Length > reads[i - 1].Operation.Result.Texts.Length) place += 2;
            places[read] = place;
            foreach (var element in read.Result.Texts)
            {
                if (!shown.Add(element)) continue;
                if (!adders.TryGetValue(element, out var add))
                    return Finding.No($"{Words.Of(history, read)}, of which nobody added \"{history.Texts[element]}\"", read);
                if (places.TryAdd(add.Operation, place - 1)) shower[add.Operation] = read;
                foreach (var with in add.Operation.Argument.Texts)
                {
                    if (!read.Result.Has(with)) return Torn(history, add.Operation, read);
                }
            }
        }

        foreach (var call in calls)
            if (!call.IsRead && call.IsRequired) places.TryAdd(call.Operation, int.MaxValue); // behind every read
        return Sweep(history, calls.Where(call => places.ContainsKey(call.Operation)), places, shower);
    }

    private static Finding Sweep(
        RecordedHistory history, IEnumerable<TimedCall> calls, Dictionary<Operation, int> places, Dictionary<Operation, Operation> shower)
    {
        var byStart = calls.OrderBy(static call => call.Start).ToList();
        var byEnd = byStart.OrderBy(static call => call.End).ToList();
        Finding? smallest = null;
        Operation? furthest = null; // of what has ended, that of the last place
        var next = 0;
        foreach (var (call, _) in byStart)
        {
            for (; next < byEnd.Count && byEnd[next].End < call.Start; next++)
                if (furthest is null || places[byEnd[next].Operation] > places[furthest]) furthest = byEnd[next].Operation;
            if (furthest is null || places[furthest] <= places[call]) continue;
            var found = Late(history, furthest, call, shower);
            if (found.IsSmallerThan(smallest)) smallest = found;
        }

        return smallest ?? Finding.Yes;
    }

    // The first ended before the second began, and the chain has them the other way round.
    private static Finding Late(RecordedHistory history, Operation first, Operation second, Dictionary<Operation, Operation> shower)
    {
        var (one, other) = (Words.Of(history, first), Words.Of(history, second));
        if (second.IsRead)
            return Finding.No($"{one} before {other}, which {(first.IsRead ? "shows less" : "does not show it")}", first, second);
        if (first.IsRead) return Finding.No($"{one} before {other}", first, second);
        var read = shower[second];
        return Finding.No($"{one} before {other}; yet {Words.Of(history, read)}, the second without the first", first, second, read);
    }

    private static Finding Torn(RecordedHistory history, Operation add, Operation read) =>
        Finding.No($"{Words.Of(history, add)}, of which {Words.Of(history, read)}, a part", add, read);

    private static Finding Crossed(RecordedHistory history, Operation one, Operation other, Dictionary<int, TimedCall> adders)
    {
        var only = Only(one.Result, other.Result);
        var back = Only(other.Result, one.Result);
        var adds = ((int[])[only, back]).Where(adders.ContainsKey).Select(element => adders[element].Operation);
        return Finding.No(
            $"{Words.Of(history, one)} and {Words.Of(history, other)}: the first shows {Name(only)} without {Name(back)},"
                + " the second the other way round",
            adds.Append(one).Append(other));

        string Name(int element) => element < 0 ? "nothing" : $"\"{history.Texts[element]}\"";
    }

    private static int Only(Value of, Value not)
    {
        foreach (var element in of.Texts)
            if (!not.Has(element)) return element;
        return -1;
    }

    private static bool IsPart(Value small, Value large)
    {
        var part = small.Texts;
        var whole = large.Texts;
        var at = 0;
        foreach (var element in part)
        {
            while (at < whole.Length && whole[at] < element) at++;
            if (at == whole.Length || whole[at] != element) return false;
            at++;
        }

        return true;
    }
}

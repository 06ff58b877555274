using Gossipdb.Checking.Checks;
using Gossipdb.Checking.Operations;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Checking.Linearizability;

/// <summary>
/// Which levels are linearizable in this history (Herlihy and Wing, 1990): for each level of reads and each of writes that an object was
/// used at, whether its reads at the one and its acked writes at the other have an order that respects time, each call between its start
/// and its end. Writes at other levels, and writes in doubt, may take effect at any time, or never. Object by object, which is enough:
/// linearizability is local. A batch counts as its parts.
/// </summary>
/// <param name="budget">How many states the general search may look at for one object.</param>
public sealed class LinearizabilityCheck(long budget = 1_000_000) : IHistoryCheck
{
    private const int Kept = 3;

    /// <inheritdoc/>
    public string Name => "linearizable";

    /// <inheritdoc/>
    public string Question => "At which levels do calls have one order that respects time, and what is the smallest window that has none?";

    /// <inheritdoc/>
    public bool IsPromised => false;

    /// <inheritdoc/>
    public IEnumerable<Verdict> Check(RecordedHistory history, CancellationToken stop)
    {
        var search = new ObjectSearch(history, budget, stop);
        var pairs = new SortedDictionary<string, Pair>(StringComparer.Ordinal);
        foreach (var key in history.Keys)
        {
            if (!ObjectSearch.Knows(key.Type) || key.Changes.Exists(static one => one.Act == Act.Other)) continue;
            foreach (var read in key.Reads.Select(static one => one.Level).Distinct())
            {
                foreach (var write in key.Changes.Where(static one => one.IsOk).Select(static one => one.Level).Distinct())
                {
                    stop.ThrowIfCancellationRequested();
                    var name = NameOf(read, write);
                    if (!pairs.TryGetValue(name, out var pair)) pairs.Add(name, pair = new Pair(name));
                    var calls = CallsOf(key, read, write);
                    pair.Add(key, calls.Count(static call => call.IsRequired), search.Ask(key, calls));
                }
            }
        }

        if (pairs.Count > 0) return pairs.Values.Select(pair => pair.Verdict(Name));
        const string Nothing = "No object that there is a model of was both written and read.";
        return [new Verdict { Check = Name, Judgement = Judgement.NotApplicable, Summary = Nothing }];
    }

    private static string NameOf(Level? read, Level? write)
    {
        var (r, w) = (read?.Name ?? "default", write?.Name ?? "default");
        return r == w ? r : $"r={r} w={w}";
    }

    private static List<TimedCall> CallsOf(KeyHistory key, Level? read, Level? write) =>
    [
        .. key.Reads.Where(one => one.Level == read).Select(static one => new TimedCall(one, true)),
        .. key.Changes.Select(one => new TimedCall(one, one.IsOk && one.Level == write)),
    ];

    private sealed class Pair(string name)
    {
        private readonly List<(KeyHistory Key, Finding Finding)> _failing = [];
        private readonly Dictionary<string, int> _unknown = new(StringComparer.Ordinal);
        private long _objects;
        private long _calls;

        public void Add(KeyHistory key, int calls, Finding finding)
        {
            (_objects, _calls) = (_objects + 1, _calls + calls);
            if (finding.Answer == Linear.No) _failing.Add((key, finding));
            if (finding.Answer == Linear.Unknown) _unknown[finding.Text] = _unknown.GetValueOrDefault(finding.Text) + 1;
        }

        public Verdict Verdict(string check)
        {
            var smallest = _failing
                .OrderBy(static one => one.Finding.Window.Count).ThenBy(static one => one.Finding.Length).Take(Kept).ToList();
            var unknown = _unknown.Values.Sum();
            var of = $"{Words.Count(_objects, "object")} and {Words.Count(_calls, "call")}";
            var figures = new Dictionary<string, double>
            {
                ["objects"] = _objects,
                ["calls"] = _calls,
                ["failing"] = _failing.Count,
                ["unknown"] = unknown,
            };
            if (smallest.Count > 0) figures["window-ms"] = smallest[0].Finding.Length / 1e3;
            var givenUp = unknown == 0 ? ""
                : $" Of {Words.Count(unknown, "object")} it is not known ({string.Join("; ", _unknown.Keys)}).";
            return new Verdict
            {
                Check = $"{check}: {name}",
                Judgement = smallest.Count > 0 ? Judgement.Fails : unknown > 0 ? Judgement.Unknown : Judgement.Holds,
                Summary = smallest.Count > 0
                    ? $"{_failing.Count:#,0} of {of} {(_failing.Count == 1 ? "is" : "are")} not linearizable; the smallest window has"
                        + $" {Words.Count(smallest[0].Finding.Window.Count, "call")} in {Words.Span(smallest[0].Finding.Length)}.{givenUp}"
                    : unknown > 0 ? $"No window without an order was found in {of}.{givenUp}"
                    : $"All of {of} are linearizable.",
                Evidence = [.. smallest.Select(static one => new Evidence(
                    $"{Words.Of(one.Key)}: {one.Finding.Text}.", [.. one.Finding.Window.Select(static call => call.Call).Distinct()]))],
                Figures = figures,
            };
        }
    }
}

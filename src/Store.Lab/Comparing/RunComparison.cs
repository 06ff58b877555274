using Gossipdb.Checking.Verdicts;
using Gossipdb.Lab.Figures;
using Gossipdb.Lab.Reports;

namespace Gossipdb.Lab.Comparing;

/// <summary>Two runs side by side.</summary>
/// <param name="A">The first run's name.</param>
/// <param name="B">The second run's name.</param>
/// <param name="Figures">What was measured in both, or in one of them.</param>
/// <param name="Verdicts">The checks that came out differently.</param>
/// <param name="Expectations">The expectations that came out differently.</param>
public sealed record RunComparison(
    string A,
    string B,
    IReadOnlyList<ComparedFigure> Figures,
    IReadOnlyList<ComparedWords> Verdicts,
    IReadOnlyList<ComparedWords> Expectations)
{
    /// <summary>Compares two runs.</summary>
    /// <param name="a">The first.</param>
    /// <param name="b">The second.</param>
    /// <param name="nameOfA">What to call the first one; null: its own name.</param>
    /// <param name="nameOfB">The same for the second.</param>
    public static RunComparison Of(MeasuredRun a, MeasuredRun b, string? nameOfA = null, string? nameOfB = null)
    {
        List<ComparedFigure> figures =
        [
            .. Levels("answered a second", FigureUnit.PerSecond, a.Figures.Levels, b.Figures.Levels, static row => row.PerSecond),
            .. Levels("latency, median", FigureUnit.Milliseconds, a.Figures.Levels, b.Figures.Levels, static row => row.P50Ms),
            .. Levels("latency, 99 %", FigureUnit.Milliseconds, a.Figures.Levels, b.Figures.Levels, static row => row.P99Ms),
            .. Levels("availability", FigureUnit.Share, a.Figures.Levels, b.Figures.Levels, static row => row.Availability),
            .. Levels(
                "availability while broken", FigureUnit.Share, a.Figures.Broken?.Levels ?? [], b.Figures.Broken?.Levels ?? [],
                static row => row.Availability),
            .. Phases(a.Figures, b.Figures),
            .. Staleness(a.Verdicts, b.Verdicts),
            .. Whole(a.Figures, b.Figures),
        ];
        return new RunComparison(
            nameOfA ?? a.Name,
            nameOfB ?? b.Name,
            figures,
            Different(Judged(a), Judged(b), static one => one.Check, static one => Word(one.Judgement), static one => one.Summary),
            Different(
                a.Results?.Expectations ?? [], b.Results?.Expectations ?? [],
                static one => one.Expectation, static one => one.IsMet ? "met" : "not met", static one => one.Measured));
    }

    private static IEnumerable<ComparedFigure> Levels(
        string group,
        FigureUnit unit,
        IReadOnlyList<LevelFigures> a,
        IReadOnlyList<LevelFigures> b,
        Func<LevelFigures, double?> figure)
    {
        var (ofA, ofB) = (a.ToDictionary(Key), b.ToDictionary(Key));
        return ofA.Keys.Union(ofB.Keys)
            .OrderBy(static key => key.Side, StringComparer.Ordinal)
            .ThenBy(static key => CallGroup.Rank(key.Level))
            .ThenBy(static key => key.Level, StringComparer.Ordinal)
            .ThenBy(static key => key.IsRead)
            .Select(key => new ComparedFigure(
                group,
                $"{(key.IsRead ? "reads" : "changes")} at {key.Level}"
                    + (key.Side.Length == 0 ? "" : $", {ReportContent.SideName(key.Side)}"),
                unit,
                ofA.TryGetValue(key, out var one) ? figure(one) : null,
                ofB.TryGetValue(key, out var other) ? figure(other) : null))
            .Where(static one => one.A is not null || one.B is not null);
    }

    /// <summary>Latencies in phases that both runs have: those of a whole run are of all phases mixed.</summary>
    private static IEnumerable<ComparedFigure> Phases(RunFigures a, RunFigures b)
    {
        const int most = 8;
        var pairs = from one in a.Phases.DistinctBy(static phase => phase.Name)
                    join other in b.Phases.DistinctBy(static phase => phase.Name) on one.Name equals other.Name
                    select (one, other);
        return pairs.Take(most).SelectMany(static pair => Levels(
            $"latency, median, in phase “{pair.one.Name}”", FigureUnit.Milliseconds, pair.one.Levels, pair.other.Levels,
            static row => row.P50Ms));
    }

    private static CallGroup Key(LevelFigures row) => new(row.Level, row.Side ?? "", row.IsRead);

    /// <summary>The figures that the staleness check measures, by level.</summary>
    private static IEnumerable<ComparedFigure> Staleness(IReadOnlyList<Verdict> a, IReadOnlyList<Verdict> b)
    {
        const string check = "staleness";
        var (ofA, ofB) = (FiguresOf(a, check), FiguresOf(b, check));
        foreach (var level in ofA.Keys.Union(ofB.Keys).Where(static name => name.StartsWith("reads.", StringComparison.Ordinal))
            .Select(static name => name["reads.".Length..]).OrderBy(CallGroup.Rank))
        {
            yield return new ComparedFigure("stale reads", $"reads at {level}", FigureUnit.Share, Share(ofA, level), Share(ofB, level));
            yield return new ComparedFigure(
                "age of what reads returned, 99 %", $"reads at {level}", FigureUnit.Milliseconds,
                Find(ofA, $"age-p99-ms.{level}"), Find(ofB, $"age-p99-ms.{level}"));
        }
    }

    private static double? Share(IReadOnlyDictionary<string, double> figures, string level) =>
        Find(figures, $"reads.{level}") is { } reads and > 0 ? (Find(figures, $"stale.{level}") ?? 0) / reads : null;

    private static double? Find(IReadOnlyDictionary<string, double> figures, string name) =>
        figures.TryGetValue(name, out var value) ? value : null;

    private static IReadOnlyDictionary<string, double> FiguresOf(IReadOnlyList<Verdict> verdicts, string check) =>
        verdicts.FirstOrDefault(one => one.Check == check)?.Figures ?? new Dictionary<string, double>();

    private static IEnumerable<ComparedFigure> Whole(RunFigures a, RunFigures b)
    {
        ComparedFigure[] all =
        [
            new("the whole run", "calls", FigureUnit.Count, a.Calls, b.Calls),
            new("the whole run", "converged after the last fault was mended", FigureUnit.Milliseconds,
                a.ConvergedSeconds * 1000, b.ConvergedSeconds * 1000),
            new("the whole run", "bytes of repair", FigureUnit.Bytes, a.RepairBytes, b.RepairBytes),
        ];
        return all.Where(static one => one.A is not null || one.B is not null);
    }

    private static IReadOnlyList<ComparedWords> Different<T>(
        IReadOnlyList<T> a, IReadOnlyList<T> b, Func<T, string> name, Func<T, string> outcome, Func<T, string> found)
    {
        // A name may stand twice in a scenario: the first counts.
        var (ofA, ofB) = (a.DistinctBy(name).ToDictionary(name), b.DistinctBy(name).ToDictionary(name));
        string Told(Dictionary<string, T> all, string key) =>
            all.TryGetValue(key, out var one) ? $"{outcome(one)}: {found(one)}" : "not there";
        return
        [
            .. ofA.Keys.Union(ofB.Keys)
                .Where(key => !ofA.TryGetValue(key, out var one) || !ofB.TryGetValue(key, out var other) || outcome(one) != outcome(other))
                .Select(key => new ComparedWords(key, Told(ofA, key), Told(ofB, key))),
        ];
    }

    // A check that has nothing to look at is as one that was not asked.
    private static IReadOnlyList<Verdict> Judged(MeasuredRun run) =>
        [.. run.Verdicts.Where(static one => one.Judgement != Judgement.NotApplicable)];

    private static string Word(Judgement judgement) => judgement switch
    {
        Judgement.Holds => "holds",
        Judgement.Fails => "fails",
        Judgement.Unknown => "cannot tell",
        _ => "nothing to check",
    };
}

/// <summary>What two runs say of one thing, where they say different things.</summary>
/// <param name="Name">The check or the expectation.</param>
/// <param name="A">How it came out in the first run.</param>
/// <param name="B">How it came out in the second.</param>
public sealed record ComparedWords(string Name, string A, string B);

using Gossipdb.Checking;
using Gossipdb.Checking.Verdicts;
using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Reports.Sections;

/// <summary>What the checkers found, with the smallest evidence for each failure.</summary>
internal static class VerdictSection
{
    private const int MostEvidence = 3;

    public static Node Draw(ReportContent content)
    {
        if (content.Verdicts.Count == 0) return Fragment.Empty;
        var told = content.Verdicts.Where(static one => one.Judgement != Judgement.NotApplicable).ToList();
        var silent = content.Verdicts.Except(told).Select(static one => one.Check).ToList();
        var section = Prose.Section(
            "verdicts",
            "What the checkers found",
            Prose.Text("Checkers read the recorded calls alone: when each began and ended, what it asked, what it was told. They know "
                + "nothing of the store. What they find is true of this run; that nothing was found proves nothing of the next one."),
            Table("promised", [.. told.Where(HistoryChecks.IsPromised)], "✗ fails", "bad"));
        Verdict[] more = [.. told.Where(static one => !HistoryChecks.IsPromised(one))];
        if (more.Length > 0)
        {
            section.Add(
                new Element("h3", "What is not promised at every level, and is told all the same"),
                Prose.Text("Reads at ", Prose.Code("one"), " are not linearizable, and are not meant to be. Here stands which are."),
                Table("told", more, "does not hold", "note"));
        }

        if (silent.Count > 0) section.Add(Prose.Text($"This history has nothing for {Prose.List(silent)}.").With("class", "aside"));
        var families = new HashSet<string>(StringComparer.Ordinal);
        var failures = told.Where(static one => one.Judgement == Judgement.Fails && one.Evidence.Count > 0);
        foreach (var failed in failures.OrderByDescending(HistoryChecks.IsPromised))
        {
            // What fails at several levels fails alike: the first is told at length.
            var isFirst = families.Add(failed.Check.Split(':')[0]);
            section.Add(
                new Element("h3", "What shows that ", Prose.Code(failed.Check), " does not hold"),
                new Fragment(failed.Evidence.Take(isFirst ? MostEvidence : 1)
                    .Select(evidence => (Node)EvidencePicture.Draw(content, evidence))));
        }

        return section;
    }

    private static Node Table(string title, IReadOnlyList<Verdict> verdicts, string fails, string style) => verdicts.Count == 0
        ? Fragment.Empty
        : Prose.Table(
            [title, "verdict", "found"],
            verdicts.OrderBy(static one => one.Judgement == Judgement.Fails ? 0 : 1).Select(one => (IReadOnlyList<Node>)
            [
                Prose.Code(one.Check),
                one.Judgement switch
                {
                    Judgement.Holds => new Element("span", "✓ holds").Class("verdict good"),
                    Judgement.Fails => new Element("span", fails).Class($"verdict {style}"),
                    _ => new Element("span", "? cannot tell").Class("verdict note"),
                },
                one.Summary,
            ]),
            "verdicts");
}

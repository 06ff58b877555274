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
                + "nothing of the store. A check that fails is no fault of the run where nothing promised it: reads at ", Prose.Code("one"),
                " are not linearizable, and are not meant to be."),
            Prose.Table(
                ["check", "verdict", "found"],
                told.OrderBy(static one => one.Judgement == Judgement.Fails ? 0 : 1).Select(static one => (IReadOnlyList<Node>)
                [
                    Prose.Code(one.Check),
                    new Element("span", Word(one.Judgement)).Class($"verdict {Style(one.Judgement)}"),
                    one.Summary,
                ]),
                "verdicts"));
        if (silent.Count > 0) section.Add(Prose.Text($"This history has nothing for {Prose.List(silent)}.").With("class", "aside"));
        var families = new HashSet<string>(StringComparer.Ordinal);
        foreach (var failed in told.Where(static one => one.Judgement == Judgement.Fails && one.Evidence.Count > 0))
        {
            // What fails at several levels fails alike: the first is told at length.
            var isFirst = families.Add(failed.Check.Split(':')[0]);
            section.Add(
                new Element("h3", "What shows that ", Prose.Code(failed.Check), " fails"),
                new Fragment(failed.Evidence.Take(isFirst ? MostEvidence : 1)
                    .Select(evidence => (Node)EvidencePicture.Draw(content, evidence))));
        }

        return section;
    }

    /// <summary>A judgement in a word.</summary>
    public static string Word(Judgement judgement) => judgement switch
    {
        Judgement.Holds => "✓ holds",
        Judgement.Fails => "✗ fails",
        Judgement.Unknown => "? cannot tell",
        _ => "nothing to check",
    };

    private static string Style(Judgement judgement) => judgement switch
    {
        Judgement.Holds => "good",
        Judgement.Fails => "bad",
        _ => "note",
    };
}

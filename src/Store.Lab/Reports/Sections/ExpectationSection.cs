using Gossipdb.Lab.Html;

namespace Gossipdb.Lab.Reports.Sections;

/// <summary>What was expected and what was measured, with the evidence where the two differ.</summary>
internal static class ExpectationSection
{
    public static Node Draw(ReportContent content)
    {
        if (content.Results is not { Expectations.Count: > 0 } results) return Fragment.Empty;
        var section = Prose.Section(
            "expected",
            "What was expected",
            Prose.Table(
                ["", "expected", "measured"],
                results.Expectations.Select(static one => (IReadOnlyList<Node>)
                [
                    new Element("span", one.IsMet ? "✓" : "✗").Class(one.IsMet ? "mark good" : "mark bad")
                        .With("role", "img").With("aria-label", one.IsMet ? "met" : "not met"),
                    Prose.Code(one.Expectation),
                    one.Measured,
                ]),
                "expectations"));
        foreach (var missed in results.Expectations.Where(static one => !one.IsMet && one.Evidence.Count > 0))
        {
            section.Add(
                new Element("h3", "Why not: ", Prose.Code(missed.Expectation)),
                new Fragment(missed.Evidence.Take(3).Select(evidence => (Node)EvidencePicture.Draw(content, evidence))));
        }

        return section;
    }
}

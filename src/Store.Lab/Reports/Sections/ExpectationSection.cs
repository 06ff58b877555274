using Gossipdb.Lab.Html;
using Gossipdb.Lab.Results;

namespace Gossipdb.Lab.Reports.Sections;

/// <summary>
/// What was expected and what was measured. What did not come true stands at the report's beginning, with its evidence; all of it stands
/// behind the pictures.
/// </summary>
internal static class ExpectationSection
{
    /// <summary>What did not come true, and why; nothing where all did.</summary>
    public static Node DrawMissed(ReportContent content)
    {
        var missed = (content.Results?.Expectations ?? []).Where(static one => !one.IsMet).ToList();
        if (missed.Count == 0) return Fragment.Empty;
        var section = Prose.Section("missed", "What did not come out as expected", Table(missed));
        foreach (var one in missed.Where(static one => one.Evidence.Count > 0))
        {
            section.Add(
                new Element("h3", "Why not: ", Prose.Code(one.Expectation)),
                new Fragment(one.Evidence.Take(3).Select(evidence => (Node)EvidencePicture.Draw(content, evidence))));
        }

        return section;
    }

    /// <summary>All of it; nothing where nothing was expected.</summary>
    public static Node Draw(ReportContent content) => content.Results is { Expectations.Count: > 0 } results
        ? Prose.Section("expected", "What was expected", Table(results.Expectations))
        : Fragment.Empty;

    private static Element Table(IEnumerable<ExpectationResult> expectations) => Prose.Table(
        ["", "expected", "measured"],
        expectations.Select(static one => (IReadOnlyList<Node>)
        [
            new Element("span", one.IsMet ? "✓" : "✗").Class(one.IsMet ? "mark good" : "mark bad")
                .With("role", "img").With("aria-label", one.IsMet ? "met" : "not met"),
            Prose.Code(one.Expectation),
            one.Measured,
        ]),
        "expectations");
}

using Gossipdb.Lab.Html;
using Gossipdb.Lab.Reports.Sections;

namespace Gossipdb.Lab.Reports.Stories;

/// <summary>A multi-value register keeps every value that no later write has seen.</summary>
internal static class MultiRegisterAccount
{
    public static IEnumerable<Node> Tell(StoryFacts facts)
    {
        foreach (var (side, calls) in StoryFacts.BySide(facts.Acked.Where(facts.IsWhileBroken)))
        {
            yield return Prose.Text(
                $"The last write that {side} had acked while it was broken: {CallText.Value(calls[^1].Argument)} at "
                + $"{Shown.Instant(calls[^1].Start)}.");
        }

        yield return Prose.Text(MergeAccount.Ended(facts));
        foreach (var remark in MergeAccount.Unsure(facts)) yield return remark;
        yield return Prose.Lesson(
            "Why both values can be there: a write replaces the values its replica had seen, each known by its dot (which replica "
                + "wrote it, and which of its changes that was). Values that were written on two sides of a cut have not seen each "
                + "other, so both stay until somebody reads them and writes the one that is meant.");
    }
}

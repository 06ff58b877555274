using Gossipdb.Lab.Html;
using Gossipdb.Lab.Reports.Sections;

namespace Gossipdb.Lab.Reports.Stories;

/// <summary>A flag that was enabled on one side and disabled on the other is enabled.</summary>
internal static class FlagAccount
{
    public static IEnumerable<Node> Tell(StoryFacts facts)
    {
        foreach (var (side, calls) in StoryFacts.BySide(facts.Acked.Where(facts.IsWhileBroken)))
            yield return Prose.Text($"The last change that {side} had acked while it was broken: {calls[^1].Op}, at "
                + $"{Shown.Instant(calls[^1].Start)}.");
        yield return Prose.Text(MergeAccount.Ended(facts));
        foreach (var remark in MergeAccount.Unsure(facts)) yield return remark;
        yield return Prose.Lesson(
            "Why an enable wins: a disable takes away the enables its replica had seen. One that was made meanwhile on the other side "
                + "it has not seen, so that one stays.");
    }
}

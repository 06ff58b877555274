using Gossipdb.Checking.History;
using Gossipdb.Lab.Html;
using Gossipdb.Lab.Reports.Sections;

namespace Gossipdb.Lab.Reports.Stories;

/// <summary>A register keeps one value: the last writer's, by the hybrid clock. What the other side wrote is gone.</summary>
internal static class RegisterAccount
{
    public static IEnumerable<Node> Tell(StoryFacts facts)
    {
        var sides = StoryFacts.BySide(facts.Acked.Where(facts.IsWhileBroken));
        var lasts = sides.Select(static side => (side.Side, Last: side.Calls[^1])).ToList();
        foreach (var (side, last) in lasts)
            yield return Prose.Text($"The last write that {side} had acked while it was broken: {Written(last)}.");
        var after = facts.Acked.LastOrDefault(call => !facts.IsWhileBroken(call) && lasts.All(one => one.Last.Start < call.Start));
        if (after is not null) yield return Prose.Text($"The last write of all: {Written(after)}, by {CallText.Caller(after)}.");
        yield return Prose.Text(MergeAccount.Ended(facts), " ", Winner(facts, after));
        foreach (var remark in MergeAccount.Unsure(facts)) yield return remark;
        yield return Prose.Lesson(
            "Why one of the two is gone: a register has room for one value. Each write carries a time of a hybrid clock (the wall "
                + "clock, pushed forward by every time that is seen), and the greater time wins on every replica. All agree, and "
                + "somebody's acked write is lost without a word. Where that hurts, a multi-value register keeps both, and a set or a "
                + "counter merges them.");
    }

    private static string Winner(StoryFacts facts, CallRecord? after)
    {
        if (!facts.IsLastKnown) return "";
        var value = CallText.Value(facts.Last);
        var writer = facts.Story.Writes.LastOrDefault(call => call.Op == "write" && CallText.Value(call.Argument) == value);
        if (writer is null) return "";
        var others = facts.Acked.Count(call => call.Op == "write" && call != writer && facts.AreConcurrent(call, writer));
        var what = $"That is what {CallText.Caller(writer)} wrote at {Shown.Instant(writer.Start)}. ";
        return others == 0 || writer == after ? what : what
            + $"{Prose.Plural(others, "other acked write")} that had not seen it {(others == 1 ? "was" : "were")} made meanwhile, and "
            + "lost to it.";
    }

    private static string Written(CallRecord call) => $"{CallText.Value(call.Argument)} at {Shown.Instant(call.Start)}";
}

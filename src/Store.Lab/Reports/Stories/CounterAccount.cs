using System.Text.Json;
using Gossipdb.Checking.History;
using Gossipdb.Lab.Html;
using Gossipdb.Lab.Reports.Sections;

namespace Gossipdb.Lab.Reports.Stories;

/// <summary>A counter keeps what each replica added apart, so merging adds nothing twice and loses nothing.</summary>
internal static class CounterAccount
{
    public static IEnumerable<Node> Tell(StoryFacts facts)
    {
        var hasReset = facts.Story.Writes.Any(static call => call.Op is "reset" or "delete");
        var before = facts.Acked.Where(call => !facts.IsWhileBroken(call)).Sum(Amount);
        var sides = StoryFacts.BySide(facts.Acked.Where(facts.IsWhileBroken));
        var parts = sides.Select(static side => (side.Side, Sum: side.Calls.Sum(Amount))).ToList();
        var sum = before + parts.Sum(static part => part.Sum);
        if (parts.Count > 0)
        {
            yield return Prose.Text(
                "While it was broken ", Prose.List([.. parts.Select(static part => $"{part.Side} added {Signed(part.Sum)}")]),
                $"; all else that was acked adds up to {Signed(before)}. ",
                parts.Count > 1 ? "No side saw what the other one added. " : "");
        }

        yield return Prose.Text(
            $"All acked changes add up to {Shown.Count(sum)}. ", MergeAccount.Ended(facts),
            hasReset ? " It was also reset: a reset takes back what its caller's replica had seen, and no more." : "");
        if (facts.Story.AllWrites > facts.Story.Writes.Count)
            yield return Prose.Text($"(Sums are over the first {Shown.Count(facts.Story.Writes.Count)} of its changes.)");
        foreach (var remark in MergeAccount.Unsure(facts)) yield return remark;
        yield return Prose.Lesson(facts.Story.Type == "bounded-counter"
            ? "Why it cannot fall below zero: what may be taken is shared out among the replicas as rights. A replica takes only what "
            + "it holds rights for, without asking anybody, so two sides of a cut can never take the same piece."
            : "Why nothing is lost: each replica counts its own increments under its own id. Merging two states takes, for each "
            + "replica, the longer of its two records, and the value is the sum of all. A plain number would be overwritten by whoever "
            + "wrote last.");
    }

    private static string Signed(long sum) => sum < 0 ? $"−{Shown.Count(-sum)}" : Shown.Count(sum);

    private static long Amount(CallRecord call)
    {
        var amount = call.Argument is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var given) ? given : 1;
        return call.Op switch
        {
            "increment" => amount,
            "decrement" => -amount,
            _ => 0,
        };
    }
}

using Gossipdb.Checking.History;
using Gossipdb.Lab.Html;
using Gossipdb.Lab.Reports.Sections;

namespace Gossipdb.Lab.Reports.Stories;

/// <summary>What survived of the changes to a key, and why: by the rule of its type.</summary>
internal static class MergeAccount
{
    /// <summary>Tells it.</summary>
    public static IEnumerable<Node> Tell(StoryFacts facts) => facts.Story.Type switch
    {
        "counter" or "bounded-counter" or "grow-only-counter" => CounterAccount.Tell(facts),
        "set" => SetAccount.Tell(facts),
        "register" => RegisterAccount.Tell(facts),
        "multi-register" => MultiRegisterAccount.Tell(facts),
        "flag" => FlagAccount.Tell(facts),
        _ => Plainly(facts),
    };

    /// <summary>What the last known value is, in a sentence.</summary>
    public static string Ended(StoryFacts facts) =>
        !facts.IsLastKnown ? "The history does not say what it held at the end."
        : facts.IsLastFinal ? $"At the end every replica that was asked held {CallText.Value(facts.Last)}."
        : $"The last read returned {CallText.Value(facts.Last)}.";

    /// <summary>A remark on changes of which nobody knows whether they took effect; nothing where there are none.</summary>
    public static IEnumerable<Node> Unsure(StoryFacts facts)
    {
        var unsure = facts.Unsure.Count();
        if (unsure > 0)
        {
            yield return Prose.Text($"Of {Prose.Plural(unsure, "further change")} the caller was not told whether they took effect. "
                + "Each took effect once or not at all.");
        }
    }

    private static IEnumerable<Node> Plainly(StoryFacts facts)
    {
        var sides = StoryFacts.BySide(facts.Story.Writes.Where(static call => call.Outcome == Outcome.Ok));
        var told = sides.Select(static side => $"{side.Side} made {Prose.Plural(side.Calls.Count, "change")} that were acked").ToList();
        yield return Prose.Text($"{(told.Count == 0 ? "No change was acked" : Prose.List(told))}. {Ended(facts)}");
    }
}

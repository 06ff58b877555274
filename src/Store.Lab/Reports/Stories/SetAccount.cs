using System.Text.Json;
using Gossipdb.Checking.History;
using Gossipdb.Lab.Html;
using Gossipdb.Lab.Reports.Sections;

namespace Gossipdb.Lab.Reports.Stories;

/// <summary>An add-wins set, element by element: a remove takes away the adds it has seen, and no others.</summary>
internal static class SetAccount
{
    private const int MostElements = 16;

    public static IEnumerable<Node> Tell(StoryFacts facts)
    {
        var last = ElementsOf(facts.Last).ToHashSet(StringComparer.Ordinal);
        var elements = facts.Story.Writes.Where(static call => call.Op is "add" or "remove")
            .SelectMany(static call => ElementsOf(call.Argument).Select(element => (element, call)))
            .GroupBy(static pair => pair.element, static pair => pair.call, StringComparer.Ordinal)
            .Select(group => new Member(
                group.Key,
                [.. group.Where(static call => call.Op == "add")],
                [.. group.Where(static call => call.Op == "remove")],
                last.Contains(group.Key)))
            .ToList();
        yield return Prose.Text(MergeAccount.Ended(facts));
        if (!facts.IsLastKnown || elements.Count == 0) yield break;
        var told = elements.OrderByDescending(element => Interest(facts, element))
            .ThenBy(static element => element.Name, StringComparer.Ordinal)
            .Take(MostElements)
            .ToList();
        yield return Prose.Table(
            ["element", "added", "removed", "at the end", "why"],
            told.Select(element => (IReadOnlyList<Node>)
            [
                Prose.Code(Shown.Short(element.Name, 40)),
                Calls(element.Adds),
                Calls(element.Removes),
                element.IsThere ? "there" : "gone",
                Why(facts, element),
            ]),
            "words");
        var more = elements.Count - told.Count;
        if (more > 0) yield return Prose.Text($"{Prose.Plural(more, "further element")}: see the history.");
        foreach (var remark in MergeAccount.Unsure(facts)) yield return remark;
        yield return Prose.Lesson(
            "Why an add wins: every add has a dot of its own (which replica made it, and which of its changes it was). A remove names "
                + "the dots it takes away: those its replica had seen. An add on the other side of the cut has a dot that the remove "
                + "never named, so it stays. A cart that is kept as one register has no dots: the last writer's whole cart wins, and "
                + "items get lost or come back.");
    }

    private static int Interest(StoryFacts facts, Member element) =>
        (IsContested(facts, element) ? 100 : 0)
        + (element.Adds.Any(static add => add.Outcome == Outcome.Ok) && !element.IsThere && element.Removes.Count == 0 ? 1000 : 0)
        + (element.Adds.Concat(element.Removes).Any(facts.IsWhileBroken) ? 10 : 0);

    private static bool IsContested(StoryFacts facts, Member element) =>
        element.Adds.Any(add => element.Removes.Any(remove => facts.AreConcurrent(add, remove)));

    private static string Why(StoryFacts facts, Member element)
    {
        var added = element.Adds.Where(static add => add.Outcome != Outcome.Refused).ToList();
        var removed = element.Removes.Where(static remove => remove.Outcome != Outcome.Refused).ToList();
        if (element.IsThere)
        {
            if (removed.Count == 0) return "nobody removed it";
            return IsContested(facts, element)
                ? "the remove had not seen this add: the add wins"
                : "it was added after the last remove had been made";
        }

        if (added.Count == 0) return removed.Count > 0 ? "it was removed, and never added" : "no add took effect";
        if (removed.Count > 0) return "a remove had seen every add of it";
        return added.Any(static add => add.Outcome == Outcome.Ok)
            ? "an acked add is missing: the checkers' verdicts say more"
            : "no add was acked, and none took effect";
    }

    private static string Calls(IReadOnlyList<CallRecord> calls)
    {
        if (calls.Count == 0) return "–";
        var last = calls[^1];
        var where = last.Side is { Length: > 0 } side ? $" on {ReportContent.SideName(side)}" : $" by {last.Caller}";
        var outcome = last.Outcome switch
        {
            Outcome.Ok => "",
            Outcome.Refused => ", refused",
            _ => ", unknown",
        };
        return $"{Shown.Instant(last.Start)}{where}{outcome}{(calls.Count > 1 ? $", and {calls.Count - 1} times before" : "")}";
    }

    private static IEnumerable<string> ElementsOf(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.Array } array => array.EnumerateArray().Select(Text),
        { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } or null => [],
        { } one => [Text(one)],
    };

    private static string Text(JsonElement element) =>
        element.ValueKind == JsonValueKind.String ? element.GetString() ?? "" : element.GetRawText();

    private sealed record Member(string Name, IReadOnlyList<CallRecord> Adds, IReadOnlyList<CallRecord> Removes, bool IsThere);
}

using System.Net;
using System.Text.RegularExpressions;
using Gossipdb.Checking.History;
using Gossipdb.Lab.Figures;
using Gossipdb.Lab.Reports.Stories;
using static Gossipdb.Lab.Tests.Figures.Histories;

namespace Gossipdb.Lab.Tests.Reports;

public sealed partial class StoryTests
{
    private static readonly (long From, long To)[] Cut = [(1_000_000, 2_000_000)];

    [Fact]
    public void An_add_that_the_remove_had_not_seen_wins()
    {
        var told = Tell(
            "set",
            Add(100, "fig", side: "1"),
            Add(1500, "fig", side: "1"),
            Remove(1600, "fig", side: "2"),
            Final("set", "k", new[] { "fig" }));
        Assert.Contains("there the remove had not seen this add: the add wins", told);
    }

    [Fact]
    public void A_remove_that_had_seen_every_add_takes_the_element_away() =>
        Assert.Contains("gone a remove had seen every add of it", Tell(
            "set", Add(100, "fig"), Remove(300, "fig"), Add(310, "kiwi"), Final("set", "k", new[] { "kiwi" })));

    [Fact]
    public void An_acked_add_that_is_missing_is_said_to_be() =>
        Assert.Contains("an acked add is missing", Tell("set", Add(100, "fig"), Final("set", "k", Array.Empty<string>())));

    [Fact]
    public void A_counter_adds_up_what_both_sides_added()
    {
        var told = Tell(
            "counter",
            Call(100, 101, argument: 10),
            Call(1100, 1101, argument: 2, side: "1"),
            Call(1200, 1201, argument: 3, side: "2"),
            Call(1300, 1301, op: "decrement", argument: 1, side: "2"),
            Call(1400, 1900, argument: 7, side: "1", outcome: Outcome.Unknown),
            Call(1500, 1501, argument: 100, side: "1", outcome: Outcome.Refused),
            Final("counter", "k", 14));
        Assert.Contains("side 1 added 2 and side 2 added 2", told);
        Assert.Contains("all else that was acked adds up to 10", told);
        Assert.Contains("All acked changes add up to 14. At the end every replica that was asked held 14.", told);
        Assert.Contains("Of 1 further change the caller was not told", told);
    }

    [Fact]
    public void A_register_keeps_the_last_writer_and_says_who_lost()
    {
        var told = Tell(
            "register",
            Call(1100, 1101, op: "write", argument: "ann's", side: "1", type: "register", caller: "ann"),
            Call(1200, 1201, op: "write", argument: "bob's", side: "2", type: "register", caller: "bob"),
            Final("register", "k", "bob's"));
        Assert.Contains("That is what bob, side 2 wrote at 1.200 s.", told);
        Assert.Contains("1 other acked write that had not seen it was made meanwhile, and lost to it.", told);
    }

    [Fact]
    public void A_type_without_an_account_of_its_own_is_told_plainly() =>
        Assert.Contains("side 1 made 1 change that were acked", Tell("json", Call(1100, 1101, op: "set", side: "1", type: "json")));

    private static CallRecord Add(long at, string element, string? side = null) =>
        Call(at, at + 1, op: "add", argument: element, side: side, type: "set");

    private static CallRecord Remove(long at, string element, string? side = null) =>
        Call(at, at + 1, op: "remove", argument: element, side: side, type: "set");

    private static string Tell(string type, params HistoryRecord[] records)
    {
        var story = new KeyStory(type, "k");
        foreach (var record in records) story.Add(record);
        story.Finish();
        var html = string.Concat(MergeAccount.Tell(new StoryFacts(story, Cut)).Select(static node => node.ToString()));
        return Spaces().Replace(WebUtility.HtmlDecode(Tag().Replace(html, " ")), " ");
    }

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("\\s+")]
    private static partial Regex Spaces();
}

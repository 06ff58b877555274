using Gossipdb.Checking.Checks;
using Gossipdb.Checking.History;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Checking.Tests.Checks;

/// <summary>Each check fails on a history made wrong on purpose, and holds on the right one beside it.</summary>
public sealed class WritesTests
{
    private static readonly LostWritesCheck Lost = new();
    private static readonly CountersCheck Counters = new();
    private static readonly ResurrectedCheck Resurrected = new();

    [Fact]
    public void An_element_that_was_acked_and_is_gone_is_lost()
    {
        var history = new HistoryBuilder()
            .Call("a", "set", "k", "add", "\"x\"", 0, 1)
            .Call("a", "set", "k", "add", "\"y\"", 2, 3)
            .Final("set", "k", "[\"x\"]", "[\"x\"]");
        var verdict = history.Fails(Lost, null, 2);
        Assert.Equal((1, 2), (verdict.Figures["lost.set"], verdict.Figures["acked"]));
        Assert.Contains("\"y\"", verdict.Evidence[0].Text);
    }

    [Theory]
    [InlineData(2, 3, Outcome.Ok, true)] // removed after it was added
    [InlineData(0, 5, Outcome.Ok, true)] // removed meanwhile
    [InlineData(0, 1, Outcome.Unknown, true)] // may be removed yet
    [InlineData(0, 0.5, Outcome.Ok, false)] // removed before it was added
    [InlineData(2, 3, Outcome.Refused, false)] // not removed
    public void An_element_is_not_lost_where_something_took_it_away_that_could_see_it(double start, double end, Outcome outcome, bool holds)
    {
        var history = new HistoryBuilder()
            .Call("b", "set", "k", "remove", "\"x\"", start, end, outcome: outcome)
            .Call("a", "set", "k", "add", "\"x\"", 1, 2)
            .Final("set", "k", "null");
        if (holds) history.Holds(Lost);
        else history.Fails(Lost, null, 2);
    }

    [Fact]
    public void What_was_in_doubt_or_refused_may_be_gone()
    {
        new HistoryBuilder()
            .Call("a", "set", "k", "add", "\"x\"", 0, 1, outcome: Outcome.Unknown)
            .Call("a", "set", "k", "add", "\"y\"", 2, 3, outcome: Outcome.Refused)
            .Call("a", "set", "k", "add", "\"z\"", 4, 5)
            .Final("set", "k", "[\"z\"]")
            .Holds(Lost);
    }

    [Theory]
    [InlineData("wipe 1", new[] { 1 }, "journal", false)]
    [InlineData("wipe 1", new[] { 1, 2 }, "journal", true)]
    [InlineData("kill 1", new[] { 1 }, "journal", true)]
    [InlineData("kill 1", new[] { 1 }, "memory", false)]
    [InlineData("replace 1 4 --force", new[] { 1 }, "journal", false)]
    public void An_ack_binds_as_long_as_one_who_gave_it_keeps_its_disk(string fault, int[] nodes, string durability, bool binds)
    {
        var verdict = new HistoryBuilder()
            .Call("a", "set", "k", "add", "\"x\"", 0, 1, level: "one", nodes: nodes, durability: durability)
            .Fault(fault, 5)
            .Final("set", "k", "[]")
            .Ask(Lost);
        Assert.Equal(binds ? Judgement.Fails : Judgement.NotApplicable, verdict.Judgement);
        Assert.Equal(binds ? 0 : 1, verdict.Figures["unbound"]);
    }

    [Fact]
    public void A_register_may_not_end_with_a_value_that_had_been_overwritten()
    {
        var history = new HistoryBuilder()
            .Call("a", "register", "k", "write", "\"old\"", 0, 10)
            .Call("b", "register", "k", "write", "\"new\"", 20, 30);
        history.Final("register", "k", "\"old\"").Fails(Lost, null, 1, 2);
        new HistoryBuilder()
            .Call("a", "register", "k", "write", "\"one\"", 0, 25)
            .Call("b", "register", "k", "write", "\"other\"", 20, 30)
            .Final("register", "k", "\"one\"")
            .Holds(Lost);
        new HistoryBuilder()
            .Call("a", "register", "k", "write", "\"old\"", 0, 10)
            .Final("register", "k", "null").Fails(Lost, null, 1);
        new HistoryBuilder()
            .Call("a", "register", "k", "write", "\"old\"", 0, 10)
            .Final("register", "k", "\"forged\"").Fails(Lost, null);
    }

    [Fact]
    public void A_value_of_several_is_lost_only_where_no_later_write_could_see_it()
    {
        var history = new HistoryBuilder()
            .Call("a", "multi-register", "k", "write", "\"x\"", 0, 10)
            .Call("b", "multi-register", "k", "write", "\"y\"", 20, 30);
        history.Final("multi-register", "k", "[\"y\"]").Holds(Lost);
        new HistoryBuilder()
            .Call("a", "multi-register", "k", "write", "\"x\"", 0, 10)
            .Call("b", "multi-register", "k", "write", "\"y\"", 20, 30)
            .Final("multi-register", "k", "[\"x\"]").Fails(Lost, null, 2);
    }

    [Fact]
    public void A_flag_that_nobody_disabled_stays_enabled()
    {
        new HistoryBuilder().Call("a", "flag", "k", "enable", null, 0, 1).Final("flag", "k", "false").Fails(Lost, null, 1);
        new HistoryBuilder()
            .Call("a", "flag", "k", "enable", null, 0, 1).Call("b", "flag", "k", "disable", null, 2, 3).Final("flag", "k", "false")
            .Holds(Lost);
    }

    [Fact]
    public void A_history_that_does_not_say_how_it_ended_does_not_tell()
    {
        Assert.Equal(Judgement.Unknown, new HistoryBuilder().Call("a", "set", "k", "add", "\"x\"", 0, 1).Ask(Lost).Judgement);
        Assert.Equal(Judgement.NotApplicable, new HistoryBuilder().Ask(Lost).Judgement);
    }

    [Theory]
    [InlineData("5", true)]
    [InlineData("7", true)]
    [InlineData("8", false)]
    [InlineData("4", false)]
    public void A_counter_ends_within_what_is_in_doubt(string final, bool holds)
    {
        var history = new HistoryBuilder()
            .Call("a", "counter", "k", "increment", "5", 0, 1)
            .Call("a", "counter", "k", "increment", "2", 2, 3, outcome: Outcome.Unknown)
            .Call("a", "counter", "k", "increment", "9", 4, 5, outcome: Outcome.Refused)
            .Final("counter", "k", final);
        var verdict = history.Ask(Counters);
        Assert.Equal(holds ? Judgement.Holds : Judgement.Fails, verdict.Judgement);
        Assert.Equal(final == "4" ? Judgement.Fails : Judgement.Holds, history.Ask(Lost).Judgement);
    }

    [Fact]
    public void A_retry_that_counts_twice_is_seen_by_a_read_already()
    {
        new HistoryBuilder()
            .Call("a", "counter", "k", "increment", "1", 0, 1)
            .Read("b", "counter", "k", "2", 2, 3)
            .Fails(Counters, null, 2);
        new HistoryBuilder()
            .Call("a", "counter", "k", "increment", "1", 0, 100)
            .Call("c", "counter", "k", "decrement", "3", 0, 100)
            .Read("b", "counter", "k", "-3", 2, 3).Read("b", "counter", "k", "1", 4, 5).Read("b", "counter", "k", "0", 6, 7)
            .Holds(Counters);
    }

    [Fact]
    public void A_reset_cancels_what_it_could_see_and_nothing_else()
    {
        var history = new HistoryBuilder()
            .Call("a", "counter", "k", "increment", "5", 0, 1)
            .Call("a", "counter", "k", "reset", null, 2, 3)
            .Call("a", "counter", "k", "increment", "2", 4, 5);
        history.Final("counter", "k", "2").Holds(Counters);
        new HistoryBuilder()
            .Call("a", "counter", "k", "reset", null, 2, 3)
            .Call("a", "counter", "k", "increment", "2", 4, 5)
            .Final("counter", "k", "0").Fails(Counters, null, 2);
    }

    [Theory]
    [InlineData("s", "s", null, null, "quorum", true)] // one session
    [InlineData(null, null, new[] { 1, 2 }, new[] { 2, 3 }, "quorum", true)] // removed at a node that had acked it
    [InlineData(null, null, new[] { 1, 2 }, new[] { 3, 1 }, "quorum", false)] // the coordinator may not have seen it
    [InlineData(null, null, new[] { 1, 2, 3 }, new[] { 3, 1 }, "all", true)]
    [InlineData(null, null, null, null, "quorum", false)]
    public void What_was_removed_by_one_who_had_seen_it_does_not_come_back(
        string? adds, string? removes, int[]? acked, int[]? removed, string level, bool isSeen)
    {
        HistoryBuilder Make(string final) => new HistoryBuilder()
            .Call("a", "set", "k", "add", "\"x\"", 0, 1, session: adds, nodes: acked, level: level)
            .Call("b", "set", "k", "remove", "\"x\"", 2, 3, session: removes, nodes: removed)
            .Final("set", "k", final);
        if (isSeen)
        {
            Make("[\"x\"]").Fails(Resurrected, null, 1, 2);
            Make("[]").Holds(Resurrected);
        }
        else
        {
            Assert.Equal(Judgement.NotApplicable, Make("[\"x\"]").Ask(Resurrected).Judgement);
        }
    }

    [Fact]
    public void A_read_at_a_node_that_had_acked_the_removal_shows_nothing_of_it()
    {
        new HistoryBuilder()
            .Call("a", "set", "k", "add", "\"x\"", 0, 1, nodes: [1, 2])
            .Call("a", "set", "k", "remove", "\"x\"", 2, 3, nodes: [1, 3])
            .Read("b", "set", "k", "[\"x\"]", 4, 5, level: "one", nodes: [3])
            .Fails(Resurrected, null, 1, 2, 3);
        new HistoryBuilder()
            .Call("a", "set", "k", "add", "\"x\"", 0, 1, nodes: [1, 2])
            .Call("a", "set", "k", "remove", "\"x\"", 2, 3, nodes: [1, 3])
            .Read("b", "set", "k", "[\"x\"]", 4, 5, level: "one", nodes: [2])
            .Holds(Resurrected);
    }

    [Theory]
    [InlineData("register", "write", "\"v\"", "delete", "null", "\"v\"")]
    [InlineData("counter", "increment", "4", "reset", "0", "4")]
    [InlineData("flag", "enable", null, "disable", "false", "true")]
    [InlineData("set", "add", "\"x\"", "delete", "null", "[\"x\"]")]
    public void What_was_deleted_reset_or_disabled_does_not_come_back(
        string type, string op, string? argument, string removal, string gone, string back)
    {
        HistoryBuilder Make(string final) => new HistoryBuilder()
            .Call("a", type, "k", op, argument, 0, 1, session: "s")
            .Call("a", type, "k", removal, null, 2, 3, session: "s")
            .Final(type, "k", final);
        Make(gone).Holds(Resurrected);
        Make(back).Fails(Resurrected, null, 1, 2);
    }
}

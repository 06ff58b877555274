using Gossipdb.Checking.Checks;
using Gossipdb.Checking.History;
using Gossipdb.Checking.Verdicts;
using static Gossipdb.Checking.Tests.HistoryBuilder;

namespace Gossipdb.Checking.Tests.Checks;

public sealed class ReadsTests
{
    private static readonly SessionsCheck Sessions = new();
    private static readonly RegularReadsCheck Regular = new();
    private static readonly BatchesCheck Batches = new();
    private static readonly StalenessCheck Staleness = new();

    [Theory]
    [InlineData("register", "write", "\"v\"", "\"v\"", "null")]
    [InlineData("set", "add", "\"v\"", "[\"v\"]", "[\"w\"]")]
    [InlineData("multi-register", "write", "\"v\"", "[\"v\"]", "[]")]
    [InlineData("flag", "enable", null, "true", "false")]
    [InlineData("counter", "increment", "2", "2", "1")]
    public void A_session_reads_its_writes(string type, string op, string? argument, string right, string wrong)
    {
        HistoryBuilder Make(string result, string? session = "s") => new HistoryBuilder()
            .Call("a", type, "k", op, argument, 0, 1, session: session)
            .Read("a", type, "k", result, 2, 3, session: session);
        Make(right).Holds(Sessions, "read-your-writes");
        Make(wrong).Fails(Sessions, "read-your-writes", 1, 2);
        var without = Make(wrong, null).Ask(Sessions, "read-your-writes");
        Assert.Equal((Judgement.NotApplicable, 1), (without.Judgement, without.Figures["without-session"]));
    }

    [Theory]
    [InlineData("set", "add", "\"v\"", "[\"v\"]", "[]", "remove", "\"v\"")]
    [InlineData("flag", "enable", null, "true", "false", "disable", null)]
    [InlineData("counter", "increment", "2", "2", "0", "decrement", "2")]
    [InlineData("multi-register", "write", "\"v\"", "[\"v\"]", "[\"w\"]", "write", "\"w\"")]
    public void A_session_reads_no_less_than_before_unless_somebody_took_it_away(
        string type, string op, string? argument, string first, string then, string taking, string? taken)
    {
        HistoryBuilder Make() => new HistoryBuilder()
            .Call("w", type, "k", op, argument, 0, 1)
            .Read("a", type, "k", first, 2, 3, session: "s")
            .Read("a", type, "k", then, 4, 5, session: "s");
        Make().Fails(Sessions, "monotonic-reads", 2, 3);
        Make().Call("w", type, "k", taking, taken, 3.5, 9).Holds(Sessions, "monotonic-reads");
        Make().Call("w", type, "k", taking, taken, 6, 9).Fails(Sessions, "monotonic-reads", 2, 3);
    }

    [Fact]
    public void A_session_does_not_go_back_to_an_older_value()
    {
        HistoryBuilder Make(string first, string then) => new HistoryBuilder()
            .Call("w", "register", "k", "write", "\"a\"", 0, 10)
            .Call("w", "register", "k", "write", "\"b\"", 20, 30)
            .Read("r", "register", "k", first, 40, 50, session: "s")
            .Read("r", "register", "k", then, 60, 70, session: "s");
        Make("\"b\"", "\"a\"").Fails(Sessions, "monotonic-reads", 3, 4);
        Make("\"a\"", "\"b\"").Holds(Sessions, "monotonic-reads");

        // Of two writes at the same time either may win; but what has been read as overwritten does not come again.
        var history = new HistoryBuilder()
            .Call("w", "register", "k", "write", "\"a\"", 0, 10)
            .Call("v", "register", "k", "write", "\"b\"", 0, 10)
            .Read("r", "register", "k", "\"a\"", 40, 50, session: "s")
            .Read("r", "register", "k", "\"b\"", 60, 70, session: "s");
        history.Holds(Sessions, "monotonic-reads");
        history.Read("r", "register", "k", "\"a\"", 80, 90, session: "s").Fails(Sessions, "monotonic-reads", 4, 5);
    }

    [Fact]
    public void A_session_that_lost_what_it_had_seen_begins_anew()
    {
        new HistoryBuilder()
            .Call("a", "set", "k", "add", "\"v\"", 0, 1, session: "s")
            .Call("a", "set", "k", "read", null, 2, 3, session: "s", outcome: Outcome.Refused, error: "SessionLost")
            .Read("a", "set", "k", "[]", 4, 5, session: "s")
            .Call("a", "set", "k", "add", "\"w\"", 6, 7, session: "s")
            .Read("a", "set", "k", "[\"w\"]", 8, 9, session: "s")
            .Holds(Sessions, "read-your-writes");
    }

    [Fact]
    public void Others_see_a_sessions_writes_in_their_order_and_after_what_it_had_read()
    {
        HistoryBuilder Make(string result) => new HistoryBuilder()
            .Call("a", "set", "k", "add", "\"1\"", 0, 1, session: "s")
            .Read("b", "set", "k", "[\"1\"]", 2, 3, session: "t")
            .Call("b", "set", "k", "add", "\"2\"", 4, 5, session: "t")
            .Call("b", "set", "k", "add", "\"3\"", 6, 7, session: "t")
            .Read("c", "set", "k", result, 8, 9);
        Make("[\"1\",\"2\",\"3\"]").Holds(Sessions, "monotonic-writes");
        Make("[\"1\",\"2\"]").Holds(Sessions, "writes-follow-reads");
        Make("[\"1\",\"3\"]").Fails(Sessions, "monotonic-writes", 3, 4, 5);
        Make("[\"2\"]").Fails(Sessions, "writes-follow-reads", 2, 3, 5);
        Make("[\"2\"]").Call("d", "set", "k", "remove", "\"1\"", 3, 20).Holds(Sessions, "writes-follow-reads");
    }

    [Theory]
    [InlineData("register", "write", "\"v\"", "\"v\"", "null")]
    [InlineData("set", "add", "\"v\"", "[\"v\"]", "[]")]
    [InlineData("counter", "increment", "2", "2", "1")]
    [InlineData("flag", "enable", null, "true", "false")]
    public void A_read_shows_what_was_acked_before_where_levels_meet(string type, string op, string? argument, string right, string wrong)
    {
        HistoryBuilder Make(string result, string w = "quorum", string r = "quorum", double end = 1) => new HistoryBuilder()
            .Call("a", type, "k", op, argument, 0, end, level: w)
            .Read("b", type, "k", result, 2, 3, level: r);
        Make(right).Holds(Regular);
        Make(wrong).Fails(Regular, null, 1, 2);
        Make(wrong, "one", "all").Fails(Regular, null, 1, 2);
        Make(wrong, "2", "two").Fails(Regular, null, 1, 2);
        Assert.Equal(Judgement.NotApplicable, Make(wrong, "one", "quorum").Ask(Regular).Judgement);
        Assert.Equal(Judgement.NotApplicable, Make(wrong, "quorum-sloppy", "quorum").Ask(Regular).Judgement);
        Assert.Equal(Judgement.NotApplicable, Make(wrong, end: 2.5).Ask(Regular).Judgement); // not acked before
    }

    [Fact]
    public void A_read_that_shows_more_than_was_there_is_wrong_too()
    {
        new HistoryBuilder()
            .Call("a", "counter", "k", "increment", "5", 0, 1)
            .Call("a", "counter", "k", "decrement", "3", 2, 3)
            .Read("b", "counter", "k", "5", 4, 5)
            .Fails(Regular, null, 2, 3);
    }

    [Fact]
    public void A_history_that_does_not_say_how_many_replicas_there_are_does_not_tell() =>
        Assert.Equal(Judgement.Unknown, new HistoryBuilder(0).Read("b", "counter", "k", "5", 4, 5).Ask(Regular).Judgement);

    [Fact]
    public void A_batch_is_seen_whole_or_not_at_all()
    {
        HistoryBuilder Make(string items, string note) => new HistoryBuilder()
            .Batch("a", "write", 0, 1, Part("set", "{k}items", "add", "\"x\""), Part("register", "{k}note", "write", "\"v\""))
            .Batch("b", "read", 2, 3, Part("set", "{k}items", "read", null, items),
                Part("register", "{k}note", "read", null, note));
        Make("[\"x\"]", "\"v\"").Holds(Batches);
        Make("[\"x\"]", "null").Fails(Batches, null, 1, 2);
        Make("[]", "\"v\"").Fails(Batches, null, 1, 2);
        Make("[]", "\"v\"").Call("c", "set", "{k}items", "remove", "\"x\"", 0, 9).Holds(Batches);
        Assert.Equal(Judgement.NotApplicable, Make("[]", "null").Ask(Batches).Judgement);
    }

    [Fact]
    public void Counters_that_batches_change_together_stay_in_proportion()
    {
        HistoryBuilder Make(string from, string to) => new HistoryBuilder()
            .Batch("a", "write", 0, 1, Part("counter", "from", "decrement", "5"), Part("counter", "to", "increment", "5"))
            .Batch("a", "write", 2, 3, Part("counter", "from", "decrement", "2"), Part("counter", "to", "increment", "2"))
            .Batch("b", "read", 2, 3, Part("counter", "from", "read", null, from), Part("counter", "to", "read", null, to));
        Make("-7", "7").Holds(Batches);
        Make("-5", "5").Holds(Batches);
        Make("-5", "7").Fails(Batches, null, 3);
    }

    [Fact]
    public void A_batch_is_there_whole_or_not_at_all_in_the_end()
    {
        HistoryBuilder Make(string b) => new HistoryBuilder()
            .Batch("a", "write", 0, 1, Part("set", "k1", "add", "\"x\""), Part("set", "k2", "add", "\"y\""))
            .Final("set", "k1", "[\"x\"]").Final("set", "k2", b);
        Make("[\"y\"]").Holds(Batches);
        Make("[]").Fails(Batches, null, 1);
    }

    [Fact]
    public void Staleness_is_told_in_time_and_versions_by_level()
    {
        var verdict = new HistoryBuilder()
            .Call("w", "register", "k", "write", "\"a\"", 0, 10)
            .Call("w", "register", "k", "write", "\"b\"", 20, 30)
            .Call("w", "register", "k", "write", "\"c\"", 40, 50)
            .Read("r", "register", "k", "\"a\"", 100, 101, level: "one") // lacks b, acked 70 ms ago, and c
            .Read("r", "register", "k", "\"c\"", 102, 103, level: "one")
            .Read("r", "register", "k", "\"c\"", 104, 105)
            .Call("w", "counter", "n", "increment", "1", 0, 10)
            .Call("w", "counter", "n", "increment", "1", 20, 30)
            .Read("r", "counter", "n", "1", 60, 61, level: "two") // lacks the last one at least
            .Call("w", "set", "s", "add", "\"x\"", 0, 10)
            .Call("w", "set", "s", "add", "\"y\"", 20, 30)
            .Read("r", "set", "s", "[]", 60, 61, level: "all")
            .Ask(Staleness);
        Assert.Equal(Judgement.Holds, verdict.Judgement);
        Assert.Equal((2, 1), (verdict.Figures["reads.one"], verdict.Figures["stale.one"]));
        Assert.Equal((70, 2), (verdict.Figures["age-max-ms.one"], verdict.Figures["versions-max.one"]));
        Assert.Equal((1, 0), (verdict.Figures["reads.quorum"], verdict.Figures["stale.quorum"]));
        Assert.Equal((30, 1), (verdict.Figures["age-max-ms.two"], verdict.Figures["versions-max.two"]));
        Assert.Equal((50, 2), (verdict.Figures["age-max-ms.all"], verdict.Figures["versions-max.all"]));
    }

    [Fact]
    public void Nodes_hold_the_same_in_the_end_or_have_not_converged()
    {
        var check = new ConvergenceCheck();
        var history = new HistoryBuilder().Final("set", "k", "[\"a\",\"b\"]", "[\"b\",\"a\"]").Converged(1_000, 1_250);
        history.Holds(check);
        Assert.Equal(0.25, history.Ask(check).Figures["seconds"]);
        Assert.Contains("node 2: \"b\"", new HistoryBuilder().Final("register", "k", "\"a\"", "\"b\"").Fails(check, null).Evidence[0].Text);
        Assert.Equal(Judgement.NotApplicable, new HistoryBuilder().Final("register", "k", "\"a\"").Ask(check).Judgement);
    }
}

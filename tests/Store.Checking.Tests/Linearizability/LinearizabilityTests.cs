using Gossipdb.Checking.History;
using Gossipdb.Checking.Linearizability;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Checking.Tests.Linearizability;

public sealed class LinearizabilityTests
{
    private const long Budget = 200_000;

    private static readonly LinearizabilityCheck Check = new();

    [Theory]
    [InlineData("register", true)]
    [InlineData("register", false)]
    [InlineData("counter", true)]
    [InlineData("counter", false)]
    [InlineData("bounded-counter", false)]
    [InlineData("set", true)]
    [InlineData("set", false)]
    [InlineData("flag", false)]
    public void The_search_says_of_small_histories_what_trying_every_order_says(string type, bool unique)
    {
        var (right, wrong) = (0, 0);
        for (var seed = 0; seed < 1_500; seed++)
        {
            var random = new Random(seed);
            var maker = new RandomHistory(random) { Doubt = seed % 3 == 0 ? 0.3 : 0, Stretch = seed % 2 == 0 ? 30 : 12 };
            var (history, calls) = maker.Make(type, random.Next(2, 7), unique, mutate: seed % 4 != 0);
            var expected = BruteForce.HasOrder(calls, RandomHistory.ModelOf(type));
            var general = new WingGong(RandomHistory.ModelOf(type), Budget, default).Check(calls);
            var answer = expected ? Linear.Yes : Linear.No;
            Assert.True(general == answer, $"seed {seed}: Wing and Gong says {general}, all orders {answer}");
            var asked = new ObjectSearch(history, Budget, default).Ask(history.Keys.Single(), calls);
            Assert.True(asked.Answer == answer, $"seed {seed}: the search says {asked}, all orders {answer}");
            if (!expected) Assert.NotEmpty(asked.Window);
            (right, wrong) = expected ? (right + 1, wrong) : (right, wrong + 1);
        }

        Assert.True(right > 200 && wrong > 200, $"{right} with an order and {wrong} without tell little");
    }

    [Theory]
    [InlineData("register")]
    [InlineData("counter")]
    [InlineData("set")]
    public void The_special_methods_say_of_larger_histories_what_the_general_search_says(string type)
    {
        var (right, wrong) = (0, 0);
        for (var seed = 0; seed < 600; seed++)
        {
            var random = new Random(seed);
            var maker = new RandomHistory(random) { Doubt = seed % 3 == 0 ? 0.1 : 0, Stretch = 25 };
            var (history, calls) = maker.Make(type, 24, unique: true, mutate: seed % 3 != 1);
            var general = new WingGong(RandomHistory.ModelOf(type), Budget, default).Check(calls);
            var special = type switch
            {
                "register" => RegisterZones.Applies(calls) ? RegisterZones.Check(history, calls) : null,
                "counter" => GrowingCounter.Applies(calls) ? GrowingCounter.Check(history, calls) : null,
                _ => GrowingSet.Applies(calls) ? GrowingSet.Check(history, calls) : null,
            };
            Assert.NotNull(special);
            Assert.NotEqual(Linear.Unknown, general);
            Assert.True(general == special.Answer, $"seed {seed}: {general}, {special}");
            (right, wrong) = general == Linear.Yes ? (right + 1, wrong) : (right, wrong + 1);
        }

        Assert.True(right > 100 && wrong > 100, $"{right} with an order and {wrong} without tell little");
    }

    [Fact]
    public void A_read_that_goes_back_is_the_smallest_window()
    {
        // A write that is under way may be seen or not; but once one read has seen it, the next one must.
        var history = new HistoryBuilder()
            .Call("w", "register", "k", "write", "\"a\"", 0, 10)
            .Call("w", "register", "k", "write", "\"b\"", 20, 100)
            .Read("r1", "register", "k", "\"b\"", 30, 40)
            .Read("r2", "register", "k", "\"a\"", 50, 60);
        var verdict = history.Fails(Check, "quorum", 1, 2, 3, 4);
        Assert.Contains("each have to come before the other", verdict.Evidence[0].Text);
        Assert.Equal(100, verdict.Figures["window-ms"]);
    }

    [Fact]
    public void A_window_of_a_register_whose_values_come_again_is_shrunk()
    {
        var history = new HistoryBuilder();
        for (var i = 0; i < 40; i++)
        {
            history.Call("w", "register", "k", "write", $"\"v{i % 2}\"", 100 * i, (100 * i) + 20);
            history.Read("r", "register", "k", i == 30 ? "\"v1\"" : $"\"v{i % 2}\"", (100 * i) + 30, (100 * i) + 40);
        }

        // Call 61 writes v0, and call 62 reads v1 all the same.
        history.Fails(Check, "quorum", 61, 62);
    }

    [Theory]
    [InlineData("counter", "increment", "1", "3", "2")]
    [InlineData("set", "add", "\"a\"", "[\"a\"]", "[]")]
    public void Counters_and_sets_that_go_back_are_not_linearizable(string type, string op, string argument, string first, string then)
    {
        var history = new HistoryBuilder();
        var count = type == "counter" ? 3 : 1;
        for (var i = 0; i < count; i++) history.Call($"w{i}", type, "k", op, argument, 0, 100, outcome: Outcome.Unknown);
        history.Call("w", type, "k", op, type == "counter" ? "1" : "\"z\"", 200, 201, level: "one", outcome: Outcome.Unknown);
        history.Call("w", type, "k", op, type == "counter" ? "1" : "\"y\"", 300, 301);
        history.Read("r1", type, "k", first, 10, 20).Read("r2", type, "k", then, 30, 40);
        history.Fails(Check, "quorum", count + 3, count + 4);
    }

    [Fact]
    public void Levels_are_asked_about_one_by_one()
    {
        var history = new HistoryBuilder()
            .Call("w", "register", "k", "write", "\"a\"", 0, 10)
            .Read("r", "register", "k", "\"a\"", 20, 30)
            .Read("r", "register", "k", "null", 40, 50, level: "one");
        history.Holds(Check, ": quorum");
        history.Fails(Check, ": r=one w=quorum", 1, 3);
    }

    [Fact]
    public void Writes_at_other_levels_and_writes_in_doubt_may_take_effect_at_any_time_or_never()
    {
        var history = new HistoryBuilder()
            .Call("w", "register", "k", "write", "\"a\"", 0, 1)
            .Call("w", "register", "k", "write", "\"b\"", 2, 3, level: "one")
            .Call("w", "register", "k", "write", "\"c\"", 4, 5, outcome: Outcome.Unknown)
            .Read("r", "register", "k", "\"a\"", 10, 11)
            .Read("r", "register", "k", "\"c\"", 12, 13)
            .Read("r", "register", "k", "\"b\"", 14, 15);
        history.Holds(Check, ": quorum");
        history.Fails(Check, ": r=quorum w=one", 2, 3, 5, 6);
    }

    [Fact]
    public void A_search_that_is_given_up_is_unknown()
    {
        var history = new HistoryBuilder();
        for (var i = 0; i < 30; i++) history.Call($"w{i}", "counter", "k", "increment", $"{1 << (i % 20)}", 0, 1_000);
        history.Read("r", "counter", "k", "3", 2_000, 2_001);
        Assert.Equal(Judgement.Unknown, history.Ask(new LinearizabilityCheck(1_000), "quorum").Judgement);
    }

    [Fact]
    public void A_set_that_cannot_be_searched_as_a_whole_is_searched_element_by_element()
    {
        HistoryBuilder Make(string shown)
        {
            var history = new HistoryBuilder().Call("w", "set", "k", "remove", "\"none\"", 0, 1);
            for (var i = 0; i < 30; i++) history.Call($"w{i}", "set", "k", "add", $"\"e{i}\"", 10, 1_000);
            for (var i = 2; i < 30; i++) history.Call($"w{i}", "set", "k", "remove", $"\"e{i}\"", 2_000, 2_900);
            return history.Read("r", "set", "k", "[\"e0\",\"e1\"]", 3_000, 3_001).Read("r", "set", "k", shown, 3_010, 3_011);
        }

        var few = new LinearizabilityCheck(20);
        Assert.Contains("of element \"e1\"", Make("[\"e0\"]").Ask(few, "quorum").Evidence[0].Text);
        Assert.Equal(Judgement.Unknown, Make("[\"e0\",\"e1\"]").Ask(few, "quorum").Judgement);
    }

    [Fact]
    public void A_hundred_thousand_calls_over_many_keys_are_asked_in_seconds()
    {
        var history = new HistoryBuilder();
        var random = new Random(1);
        for (var key = 0; key < 400; key++)
        {
            var value = "null";
            for (var i = 0; i < 250; i++)
            {
                var (at, type) = (10.0 * i, key % 2 == 0 ? "register" : "flag");
                var (start, end) = (at - random.Next(12), at + random.Next(12));
                if (i % 2 == 1) history.Read("r", type, $"k{key}", value, start, end);
                else if (key % 2 == 0) history.Call("w", type, $"k{key}", "write", value = $"\"{i}\"", start, end);
                else
                {
                    value = i % 4 == 0 ? "true" : "false";
                    history.Call("w", type, $"k{key}", i % 4 == 0 ? "enable" : "disable", null, start, end);
                }
            }
        }

        history.Holds(Check, ": quorum");
    }
}

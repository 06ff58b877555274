using Gossipdb.Checking.Checks;
using Gossipdb.Checking.History;
using Gossipdb.Checking.Verdicts;

namespace Gossipdb.Checking.Tests.Checks;

public sealed class StockTests
{
    private static readonly StockCheck Stock = new();
    private static readonly WholeValuesCheck Whole = new();

    [Fact]
    public void A_bounded_counter_sells_what_there_is()
    {
        HistoryBuilder Make(Outcome third) => new HistoryBuilder()
            .Call("a", "bounded-counter", "k", "increment", "2", 0, 1)
            .Call("a", "bounded-counter", "k", "decrement", "1", 2, 3)
            .Call("b", "bounded-counter", "k", "decrement", "1", 2, 3)
            .Call("c", "bounded-counter", "k", "decrement", "1", 2, 3, outcome: third);
        Make(Outcome.Refused).Holds(Stock, "bounded-counter");
        Assert.Equal(1, Make(Outcome.Ok).Fails(Stock, "bounded-counter", 4).Figures["oversold"]);
        Make(Outcome.Refused).Read("d", "bounded-counter", "k", "-1", 4, 5).Fails(Stock, "bounded-counter", 5);
    }

    [Fact]
    public void A_number_in_a_register_is_sold_twice_by_two_who_read_the_same()
    {
        HistoryBuilder Make(string second, string sold) => new HistoryBuilder()
            .Call("shop", "register", "k", "write", "1", 0, 1)
            .Read("a", "register", "k", "1", 2, 3)
            .Read("b", "register", "k", second, 2, 7)
            .Call("a", "register", "k", "write", "0", 4, 5)
            .Call("b", "register", "k", "write", sold, 8, 9);
        var verdict = Make("1", "0").Fails(Stock, "register", 4, 5);
        Assert.Equal((2, 1), (verdict.Figures["sold"], verdict.Figures["oversold"]));
        Make("0", "3").Holds(Stock, "register"); // a delivery
    }

    [Fact]
    public void A_cart_in_a_register_loses_items()
    {
        HistoryBuilder Make(string final) => new HistoryBuilder()
            .Call("a", "register", "cart", "write", "[\"apple\"]", 0, 1)
            .Read("b", "register", "cart", "[\"apple\"]", 2, 3)
            .Call("a", "register", "cart", "write", "[\"apple\",\"pear\"]", 4, 5)
            .Call("b", "register", "cart", "write", "[\"apple\",\"fig\"]", 4, 6)
            .Final("register", "cart", final);
        Make("[\"apple\",\"pear\",\"fig\"]").Holds(Whole, "lost");
        Make("[\"apple\",\"fig\"]").Fails(Whole, "lost", 3);
    }

    [Fact]
    public void A_cart_in_a_register_brings_items_back()
    {
        HistoryBuilder Make(string final) => new HistoryBuilder()
            .Call("a", "register", "cart", "write", "[\"apple\",\"pear\"]", 0, 1)
            .Read("b", "register", "cart", "[\"apple\",\"pear\"]", 2, 3)
            .Call("a", "register", "cart", "write", "[\"apple\"]", 4, 5)
            .Call("b", "register", "cart", "write", "[\"apple\",\"pear\",\"fig\"]", 4, 6)
            .Final("register", "cart", final);
        Make("[\"apple\"]").Holds(Whole, "resurrected");
        Make("[\"apple\",\"pear\",\"fig\"]").Fails(Whole, "resurrected", 3);
    }

    [Fact]
    public void Odd_histories_make_no_check_throw()
    {
        var history = new HistoryBuilder(0)
            .Call("a", "tree", "k", "prune", "{\"deep\":[1]}", 0, null, outcome: Outcome.Ok)
            .Call("a", "set", "k", "add", "7", 5, 3)
            .Call("a", "set", "k", "read", null, 5, 3, "\"text\"")
            .Call("a", "counter", "k", "read", null, 5, 6, "\"text\"", level: "half")
            .Call("a", "counter", "k", "increment", "\"much\"", 5, 6, level: "0")
            .Call("a", "counter", "k", "increment", null, 5, 6, nodes: [])
            .Call("a", "register", "k", "write", null, 5, 6)
            .Call("a", "register", "k", "write", "[1,null,{}]", 5, 6)
            .Call("a", "register", "k", "read", null, 5, 6, "1.5", session: "")
            .Call("a", "batch", "k", "write", null, 5, 6)
            .Call("a", "flag", "k", "read", null, 5, null, "7", outcome: Outcome.Refused)
            .Call("a", "multi-register", "k", "write", "9", 5, 6)
            .Call("a", "multi-register", "k", "read", null, 5, 6, "9")
            .Fault("", 0).Fault("kill", 1).Fault("kill x", 2).Final("set", "other", "null");
        foreach (var check in HistoryChecks.All)
            Assert.All(check.Check(history.History, default), static one => Assert.NotEmpty(one.Summary));
        Assert.All(HistoryChecks.Run(new HistoryBuilder(0).History), static one => Assert.NotEqual(Judgement.Fails, one.Judgement));
    }
}

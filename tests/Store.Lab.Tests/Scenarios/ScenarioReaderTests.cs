using Gossipdb.Lab.Scenarios;

namespace Gossipdb.Lab.Tests.Scenarios;

public sealed class ScenarioReaderTests
{
    private const string Right = """
        name: mine
        title: A cut
        page: What to expect.
        duration: 10s
        cluster:
          nodes: 3
          settings: { replication.gossip-interval: 500ms }
        sides:
          1: 1
          2: 2,3
        prepare:
          - register write stock-1 10
        workload:
          - name: small
            side: 1
            rate: 20/s
            read: one
            write: one
            mix: { counter increment: 3, counter read: 1 }
          - name: shop
            side: 2
            pause: 5ms
            session: yes
            keys: { prefix: stock-, count: 3, distribution: zipf, exponent: 1.2 }
            mix: { register take: 1 }
        timeline:
          - at 2s: [cut side 1 / side 2, "clock 3 +5s"]
            phase: cut
          - at 7s: heal
        expect:
          - during cut: availability(one, side 1) = 100 %
          - lost = 0
        """;

    [Fact]
    public void Everything_that_a_file_says_is_read()
    {
        var scenario = ScenarioReader.Read(Right, "mine.yaml");

        Assert.Equal("mine", scenario.Name);
        Assert.Equal(TimeSpan.FromSeconds(10), scenario.Duration);
        Assert.Equal(["gossipdb.replication.gossip-interval = \"500ms\""], scenario.Cluster.Settings);
        Assert.Equal([2, 3], scenario.Sides["2"]);
        Assert.Equal(new PreparedWrite("register", "write", "stock-1", "10"), scenario.Prepare[0]);
        Assert.Equal(RegisterForm.Number, scenario.FormOf("stock-1"));
        var (small, shop) = (scenario.Workload[0], scenario.Workload[1]);
        Assert.Equal((20.0, 32, "one", "1"), (small.Rate, small.Callers, small.Read.Text, small.Side));
        Assert.Equal([1], small.Nodes);
        Assert.Equal((3.0, 1.0), (small.Mix[0].Weight, small.Mix[1].Weight));
        Assert.Equal((true, TimeSpan.FromMilliseconds(5), "quorum", 4), (shop.Session, shop.Pause, shop.Write.Text, shop.Callers));
        Assert.Equal((KeyDistribution.Zipf, 1.2, 3), (shop.Keys.Distribution, shop.Keys.Exponent, shop.Keys.Count));
        Assert.Equal(["calm", "cut", null], scenario.Timeline.Select(static moment => moment.Phase));
        Assert.Equal(["cut side 1 / side 2", "clock 3 +5s"], scenario.Timeline[1].Faults.Select(static fault => fault.Text));
        Assert.Equal(["during cut: availability(one, side 1) = 100 %", "lost = 0"], scenario.Expectations.Select(static one => one.Text));
    }

    [Theory]
    [InlineData("workload:", "worklaod:", 13, 1, "did you mean 'workload'?")]
    [InlineData("    rate: 20/s", "    rat: 20/s", 16, 5, "did you mean 'rate'?")]
    [InlineData("rate: 20/s", "rate: 20", 16, 11, "'20' is not a rate")]
    [InlineData("read: one", "read: oen", 17, 11, "'oen' is no level; did you mean 'one'?")]
    [InlineData("counter increment: 3", "counter incremnt: 3", 19, 12, "did you mean 'counter increment'?")]
    [InlineData("counter increment: 3", "counter increment: -1", 19, 31, "a weight is a number above 0")]
    [InlineData("side: 2", "side: 3", 21, 11, "there is no side '3'")]
    [InlineData("distribution: zipf", "distribution: zpif", 24, 53, "did you mean 'zipf'?")]
    [InlineData("duration: 10s", "duration: ten", 4, 11, "'ten' is not a duration")]
    [InlineData("duration: 10s", "duration: 0s", 4, 11, "a run lasts from a second")]
    [InlineData("  nodes: 3", "  nodes: 30", 6, 10, "not a whole number from 1 to 9")]
    [InlineData("  2: 2,3", "  2: 2,4", 10, 6, "'4' is no node")]
    [InlineData("cut side 1", "cute side 1", 27, 13, "did you mean 'cut'?")]
    [InlineData("at 7s: heal", "at 1s: heal", 29, 5, "in the order of time")]
    [InlineData("at 7s: heal", "at noon: heal", 29, 5, "'noon' is not a duration")]
    [InlineData("at 7s: heal", "at 17s: heal", 29, 5, "after the run's end")]
    [InlineData("during cut:", "during cat:", 31, 12, "there is no phase 'cat'; did you mean 'cut'?")]
    [InlineData("lost = 0", "lsot = 0", 32, 5, "there is no figure 'lsot'; did you mean 'lost'?")]
    [InlineData("availability(one", "availability(on", 31, 30, "did you mean 'one'?")]
    [InlineData("register write stock-1 10", "register wirte stock-1 10", 12, 5, "did you mean 'register write'?")]
    [InlineData("prefix: stock-", "prefix: counter-", 24, 11, "would be counters and registers")]
    [InlineData("    session: yes", "    session: maybe", 23, 14, "'maybe' is not yes or no")]
    public void A_mistake_is_told_with_its_line_its_column_and_what_would_be_right(
        string right, string wrong, int line, int column, string message)
    {
        Assert.Contains(right, Right, StringComparison.Ordinal);
        var text = Right.Replace(right, wrong, StringComparison.Ordinal);

        var problem = Assert.Throws<ScenarioException>(() => ScenarioReader.Read(text, "mine.yaml")).Problems
            .FirstOrDefault(problem => problem.Line == line && problem.Message.Contains(message, StringComparison.Ordinal));

        Assert.NotNull(problem);
        Assert.Equal(column, problem.Column);
        Assert.StartsWith($"mine.yaml:{line}:{column}: ", problem.In("mine.yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_mistake_of_a_file_is_told_at_once_in_the_order_of_the_file()
    {
        var text = Right
            .Replace("title:", "titel:", StringComparison.Ordinal)
            .Replace("rate: 20/s", "rate: fast", StringComparison.Ordinal)
            .Replace("lost = 0", "lost = 0 %", StringComparison.Ordinal);

        var problems = Assert.Throws<ScenarioException>(() => ScenarioReader.Read(text, "mine.yaml")).Problems;

        var keys = problems.Select(static one => one.Key).Where(static key => key != "title");
        Assert.Equal(["titel", "workload[0].rate", "expect[1]"], keys);
        Assert.Contains(problems, static one => one is { Key: "title" } && one.Message.StartsWith("missing", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("just a text")]
    [InlineData("- a\n- list")]
    [InlineData("name: [unclosed")]
    [InlineData("name: a\nname: b")]
    [InlineData("workload: 7\ntimeline: {}\nexpect: x\nsides: []\ncluster: 3\nprepare: {}")]
    public void What_is_no_scenario_at_all_is_told_and_never_more_than_that(string text) =>
        Assert.NotEmpty(Assert.Throws<ScenarioException>(() => ScenarioReader.Read(text, "x.yaml")).Problems);

    [Fact]
    public void A_timeline_speaks_of_nodes_that_it_adds_only_afterwards()
    {
        var text = Right.Replace("at 7s: heal", "at 7s: [replace 3 4 --force, kill 4]", StringComparison.Ordinal);
        ScenarioReader.Read(text, "mine.yaml");

        var early = Right.Replace("at 7s: heal", "at 7s: [kill 4, replace 3 4 --force]", StringComparison.Ordinal);
        Assert.Throws<ScenarioException>(() => ScenarioReader.Read(early, "mine.yaml"));
    }
}

using System.Text.Json.Nodes;
using Gossipdb.Cli.Connecting;
using Gossipdb.Cli.Top;
using Gossipdb.Client;
using static Gossipdb.Cli.Tests.CommandLineOutput;

namespace Gossipdb.Cli.Tests;

/// <summary><c>top</c>: what becomes of two looks at the nodes.</summary>
public sealed class TopTests(ScriptedNode node) : IClassFixture<ScriptedNode>
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Rates_are_differences_by_the_time_that_has_passed_at_the_node()
    {
        var figures = Between([Status(1, 10, reads: 100, commits: 5)], [Status(1, 12, reads: 300, commits: 25)]);

        var one = Assert.Single(figures.Nodes);
        Assert.Equal(("ready", 100.0, 10.0, 4.0), (one.State, one.Calls.Reads.PerSecond, one.CommitsPerSecond, one.Group));
        Assert.Equal(0.5, one.Processors, 6);
        Assert.Equal(100, figures.Calls.Reads.PerSecond);
    }

    [Fact]
    public void A_node_that_was_started_anew_has_no_negative_rates()
    {
        var figures = Between(
            [Status(1, 100, reads: 10_000, commits: 500)], [Status(1, 4, reads: 20, commits: 8) with { ProcessId = 2 }]);

        var one = Assert.Single(figures.Nodes);
        Assert.Equal(("restarted", 5.0, 2.0), (one.State, one.Calls.Reads.PerSecond, one.CommitsPerSecond));
        Assert.Contains(figures.Events, static one => one.Text == "node 1 was started anew");
        var counted = typeof(NodeFigures).GetProperties().Where(static one => one.PropertyType == typeof(double));
        Assert.All(counted, property => Assert.True((double)property.GetValue(one)! >= 0, property.Name));
    }

    [Fact]
    public void A_node_that_does_not_answer_is_down_and_what_happened_is_told()
    {
        var figures = Between([Status(1, 10), Status(2, 10)], [Status(1, 11), null]);

        Assert.Equal(["ready", "down"], figures.Nodes.Select(static one => one.State));
        Assert.Equal([new ClusterEvent(ClusterEventKind.Bad, "node 2 does not answer any more")], figures.Events);
        Assert.Contains("1 of 2 nodes up", Page(figures, new TopState(), 80, 24)[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(80, 24)]
    [InlineData(140, 40)]
    [InlineData(40, 10)]
    public void Every_page_fits_the_terminal(int width, int height)
    {
        var figures = Between(
            [.. Enumerable.Range(1, 9).Select(static id => Status(id, 10, reads: 1_000_000))],
            [null, .. Enumerable.Range(2, 8).Select(static id => Status(id, 11, reads: 2_345_678))]);
        foreach (var key in "12345")
        {
            var state = new TopState();
            state.Press(new ConsoleKeyInfo(key, default, false, false, false));

            var lines = Page(figures, state, width, height);

            Assert.Equal(height, lines.Count);
            Assert.All(lines, line => Assert.InRange(TopLine.Columns(line), 0, width));
            if (width >= 80) Assert.Contains($"[{key} {state.Page}]", lines[^1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Keys_change_page_and_order_pause_and_quit()
    {
        var state = new TopState();
        Press(ConsoleKey.Tab, ConsoleKey.Tab, ConsoleKey.LeftArrow, ConsoleKey.S, ConsoleKey.P);
        Assert.Equal((TopPage.Levels, TopSort.Calls, true, false), (state.Page, state.Sort, state.IsPaused, state.HasQuit));
        Press(ConsoleKey.P, ConsoleKey.Q);
        Assert.Equal((false, true), (state.IsPaused, state.HasQuit));
        Assert.False(state.Press(new ConsoleKeyInfo('x', ConsoleKey.X, false, false, false)));

        void Press(params ConsoleKey[] keys)
        {
            foreach (var key in keys) Assert.True(state.Press(new ConsoleKeyInfo(default, key, false, false, false)));
        }
    }

    [Fact]
    public void Nodes_are_sorted_by_what_was_chosen()
    {
        var figures = Between([Status(1, 10), Status(2, 10)], [Status(1, 11, reads: 5), Status(2, 11, reads: 50)]);
        var state = new TopState();
        Assert.Equal(["1", "2"], Order());
        state.Press(new ConsoleKeyInfo('s', ConsoleKey.S, false, false, false));
        Assert.Equal(["2", "1"], Order());

        string[] Order() => [.. Page(figures, state, 140, 40).Skip(4).Take(2).Select(static line => line.Trim().Split(' ')[0])];
    }

    [Fact]
    public async Task Of_a_pipe_one_sample_is_told_as_text_or_JSON()
    {
        var (uptime, reads) = (1_000, 0);
        node.Status = () =>
        {
            var status = new Protocol.NodeStatus { Node = 1, ProcessId = 7, Ready = true, UptimeMs = uptime += 1_000 };
            status.Calls.Add(new Protocol.CallCounts { Level = "quorum", Done = reads += 40, Latencies = { 0, 0, 0, 0, reads } });
            return status;
        };

        string[] top = ["top", "--interval", "100ms", "--timeout", "60s", "--endpoint", node.Endpoint];
        var text = await RunAsync(top);
        var json = JsonNode.Parse((await RunAsync([.. top, "--json"])).Output)!;

        Assert.Equal(0, text.Exit);
        Assert.Contains("reads 40/s, p99 5 µs  writes 0/s", text.Output, StringComparison.Ordinal);
        Assert.Equal(40, (double)json["reads"]!["perSecond"]!);
        Assert.Equal(("quorum", "read"), ((string)json["levels"]![0]!["level"]!, (string)json["levels"]![0]!["kind"]!));
        Assert.Equal("ready", (string)json["nodes"]![0]!["state"]!);
    }

    private static List<string> Page(TopFigures figures, TopState state, int width, int height) =>
        [.. new TopPicture(figures, [], Second).Page(state, width, height).Select(static line => line.Text ?? "")];

    private static TopFigures Between(NodeStatus?[] before, NodeStatus?[] now) => TopFigures.Between(Sample(before), Sample(now));

    private static TopSample Sample(NodeStatus?[] nodes) => new(
        DateTimeOffset.UnixEpoch,
        new ClusterDescription { Partitions = 8, Replication = 3 },
        [
            .. nodes.Select(static (status, i) =>
                new NodeAnswer<NodeStatus>(i + 1, status, status is null ? new ConnectionException("no") : null)),
        ],
        Hot: null,
        HotProblem: "not asked");

    private static NodeStatus Status(int id, int upSeconds, long reads = 0, long commits = 0) => new()
    {
        Node = id,
        ProcessId = 1,
        Ready = true,
        Uptime = TimeSpan.FromSeconds(upSeconds),
        Calls = [new CallCounts { Level = "one", Done = reads, Latencies = [0, 0, 0, 0, 0, 0, reads] }],
        Commits = new CommitCounts { Commits = commits, Events = 4 * commits },
        Runtime = new RuntimeStatus { ProcessorTime = TimeSpan.FromSeconds(upSeconds / 2.0) },
        Peers = [new PeerStatus { Node = 9, Reachable = true, MaxWaitingBytes = 100, WindowBytes = 100 }],
    };
}

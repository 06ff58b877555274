using System.Text.Json;
using Gossipdb.Cli.Output;
using Gossipdb.LocalCluster;
using Gossipdb.LocalCluster.Control;

namespace Gossipdb.Cli.Tests;

public sealed class FaultCommandTests(ScriptedNode node) : IClassFixture<ScriptedNode>, IDisposable
{
    private const string NoCluster = "that needs a cluster which 'gossipdb up' runs on this machine, and none runs in";

    private readonly TemporaryDirectory _data = new();

    public void Dispose()
    {
        node.Faults = new();
        _data.Dispose();
    }

    [Fact]
    public async Task Faults_are_told_in_the_words_of_the_shell_and_listed_in_the_same()
    {
        Assert.Equal("no faults are in force\n", (await RunAsync("faults")).Output);
        var clock = await RunAsync("clock", "1", "-5s", "--drift", "-50us/s");
        Assert.Equal((0, "clock 1 -5s --drift -50us/s; 'gossipdb heal' mends it\n", ""), clock);
        Assert.Equal((1u, -5_000, -0.00005), (node.Faults.Clocks[0].Node, node.Faults.Clocks[0].OffsetMs, node.Faults.Clocks[0].Drift));
        Assert.Equal(0, (await RunAsync("disk", "1", "--full", "--slow", "50ms")).Exit);
        Assert.Equal((true, 50_000), (node.Faults.Disks[0].Full, node.Faults.Disks[0].SlowUs));

        var listed = await RunAsync("faults");
        Assert.StartsWith("clock 1 -5s --drift -50us/s\ndisk 1 --full --slow 50ms\n", listed.Output, StringComparison.Ordinal);
        var document = JsonDocument.Parse((await RunAsync("faults", "--json")).Output).RootElement;
        Assert.Equal("clock 1 -5s --drift -50us/s", document.GetProperty("faults")[0].GetString());
        Assert.Equal(2, document.GetProperty("nodes")[0].GetProperty("faults").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, document.GetProperty("nodes")[0].GetProperty("process").ValueKind);

        Assert.Equal("the disk of node 1 is ok again\n", (await RunAsync("disk", "1", "ok")).Output);
        Assert.Equal("healed: every node reaches every other again\n", (await RunAsync("heal")).Output);
        Assert.Empty(node.Faults.Clocks);
    }

    [Theory]
    [InlineData("'->' leads", "cut 1 -> 2", "there is no node 2; the nodes are 1 (at 10)")]
    [InlineData("an arrow without quotes", "cut 1 -", "cut: your shell took the '>' of an arrow for itself")]
    [InlineData("an option", "link 1 / 2 --dealy 80ms", "'link' has no option '--dealy'; did you mean '--delay'?")]
    [InlineData("a value", "disk 1 --slow 50", "--slow: '50' has no unit: write 500ms, 2s or 1m (at 15)")]
    [InlineData("a word", "disk 1 --slow 50ms full", "'full' is no node number")]
    [InlineData("nothing", "clock 1", "'clock' needs +30s, -5s, --drift or 'right'")]
    [InlineData("no nodes", "cut", "'cut' needs NODES / NODES; see 'gossipdb cut --help'")]
    public async Task What_makes_no_sense_is_said_in_one_line_and_nothing_is_done(string why, string words, string message)
    {
        var run = await RunAsync(words.Split(' '));
        Assert.True(run.Error.StartsWith($"gossipdb: {message}", StringComparison.Ordinal), $"{why}: {run.Error}");
        Assert.Equal(((int)ExitCode.Usage, ""), (run.Exit, run.Output));
        Assert.Empty(node.Faults.Links);
    }

    [Theory]
    [InlineData("kill 2")]
    [InlineData("pause 2")]
    [InlineData("save 2 --to x")]
    [InlineData("restore 2 --from x")]
    public async Task Where_nobody_runs_the_processes_that_is_said(string words)
    {
        var run = await RunOnAsync(words.Split(' '));
        Assert.Equal($"gossipdb: {words.Split(' ')[0]}: {NoCluster} '{_data.Path}' (--data names another directory)\n", run.Error);
        Assert.Equal((int)ExitCode.Error, run.Exit);
    }

    [Fact]
    public async Task Orders_go_to_whoever_runs_the_cluster_of_the_directory()
    {
        var nodes = new Nodes(node.Endpoint);
        await using var listener = ControlListener.Start(nodes, _data.Path);
        Assert.Equal("node 1 was killed, and stays down until 'gossipdb start 1'\n", (await RunOnAsync("kill", "1")).Output);
        Assert.Equal("node 2 stands still until 'gossipdb resume 2'\n", (await RunOnAsync("pause", "2")).Output);
        Assert.Equal("node 2 is process 12; 'gossipdb status' says when it serves\n", (await RunOnAsync("start", "2")).Output);
        Assert.Equal(0, (await RunOnAsync("restore", "2", "--from", "my copy")).Exit);
        Assert.Equal("gossipdb: there is no node 3; the nodes are 1, 2 (at 6)\n", (await RunOnAsync("kill", "3")).Error);
        Assert.Equal("gossipdb: node 2 is running: stop or kill it first\n", (await RunOnAsync("wipe", "2")).Error);
        Assert.Equal("gossipdb: --journal is about backups, and --from puts back a node's data directory\n",
            (await RunOnAsync("restore", "2", "--from", "x", "--journal", "y")).Error);
        Assert.Equal(
            ["Kill 1 ", "Pause 2 ", "Start 2 ", $"Restore 2 {Path.GetFullPath("my copy")}"],
            nodes.Ordered);

        var document = JsonDocument.Parse((await RunOnAsync("resume", "2", "--json")).Output).RootElement.GetProperty("nodes");
        Assert.Equal(("paused", 11), (document[0].GetProperty("process").GetString(), document[0].GetProperty("processId").GetInt32()));
    }

    [Fact]
    public async Task Healing_starts_and_resumes_the_nodes_of_the_cluster_that_is_meant_and_of_no_other()
    {
        var own = new Nodes(node.Endpoint);
        await using (ControlListener.Start(own, _data.Path))
        {
            Assert.Contains("pause 1\n", (await RunAsync("faults")).Output, StringComparison.Ordinal);
            await RunAsync("heal");
            Assert.Equal(["Resume 1 "], own.Ordered);
        }

        var another = new Nodes("http://127.0.0.1:1");
        await using (ControlListener.Start(another, _data.Path))
        {
            Assert.Equal("healed: every node reaches every other again\n", (await RunAsync("heal")).Output);
            Assert.Empty(another.Ordered);
        }
    }

    // An order to processes: whoever runs them is found by the directory.
    private Task<(int Exit, string Output, string Error)> RunOnAsync(params string[] args) =>
        CommandLineOutput.RunAsync([.. args, "--data", _data.Path]);

    // What nodes are told.
    private Task<(int Exit, string Output, string Error)> RunAsync(params string[] args) =>
        RunOnAsync([.. args, "--endpoint", node.Endpoint]);

    // Node 1 is the scripted one, and paused.
    private sealed class Nodes(string endpoint) : INodeControl
    {
        public List<string> Ordered { get; } = [];

        public Task<IReadOnlyList<NodeProcessStatus>> ProcessesAsync(CancellationToken stop) =>
            Task.FromResult<IReadOnlyList<NodeProcessStatus>>(
                [new(1, NodeState.Paused, 11, endpoint), new(2, NodeState.Running, 12, endpoint)]);

        public Task OrderAsync(NodeOrder order, int node, string? directory, CancellationToken stop)
        {
            if (order == NodeOrder.Wipe) throw new LocalClusterException($"node {node} is running: stop or kill it first");
            lock (Ordered) Ordered.Add($"{order} {node} {directory}");
            return Task.CompletedTask;
        }

        public Task<NodeAddress> StartNewNodeAsync(CancellationToken stop) => throw new NotSupportedException();
    }
}

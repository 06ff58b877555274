using System.Net.Sockets;
using System.Text;
using Gossipdb.LocalCluster.Control;

namespace Gossipdb.LocalCluster.Tests;

public sealed class ControlTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Nodes _nodes = new();
    private ControlListener _listener = null!;

    private string Data => _directory.Path;

    [Fact]
    public async Task Orders_reach_whoever_runs_the_cluster()
    {
        var control = (await ControlClient.FindAsync(Data))!;
        await control.OrderAsync(NodeOrder.Kill, 2);
        await control.OrderAsync(NodeOrder.Save, 2, "/copies/ä \"2\"");
        Assert.Equal([(NodeOrder.Kill, 2, null), (NodeOrder.Save, 2, "/copies/ä \"2\"")], _nodes.Ordered);
        Assert.Equal(_nodes.Processes, await control.ProcessesAsync());
        Assert.Equal(Nodes.Fourth, await control.StartNewNodeAsync());
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_as_it_was_there()
    {
        var control = (await ControlClient.FindAsync(Data))!;
        var problem = await Assert.ThrowsAsync<LocalClusterException>(() => control.OrderAsync(NodeOrder.Pause, 7));
        Assert.Equal(("there is no node 7", "more of it"), (problem.Message, problem.Detail));
        var unforeseen = await Assert.ThrowsAsync<LocalClusterException>(() => control.OrderAsync(NodeOrder.Wipe, 7));
        Assert.Equal("wipe: the disk is on fire", unforeseen.Message);

        // And the next order is carried out.
        await control.OrderAsync(NodeOrder.Start, 2);
        Assert.Equal([(NodeOrder.Start, 2, null)], _nodes.Ordered);
    }

    [Theory]
    [InlineData("nonsense\n", "not an order: the line is not understood")]
    [InlineData("null\n", "not an order: the line says null")]
    [InlineData("{}\n", "not an order: the line is not understood")]
    [InlineData("{\"order\":\"explode\",\"node\":1}\n", "not an order: 'explode'")]
    [InlineData("{\"order\":\"kill,pause\",\"node\":1}\n", "not an order: 'kill,pause'")]
    [InlineData("{\"order\":\"3\",\"node\":1}\n", "not an order: '3'")]
    [InlineData("{\"order\":", "not an order: the line is broken off")]
    public async Task What_is_no_order_is_answered_and_nothing_is_done(string line, string answer)
    {
        Assert.Contains(answer, await SendAsync(Encoding.UTF8.GetBytes(line)), StringComparison.Ordinal);
        Assert.Empty(_nodes.Ordered);
    }

    [Fact]
    public async Task A_line_without_end_is_answered_before_it_fills_the_memory() =>
        Assert.Contains(
            $"the line is longer than {ControlLine.MaxBytes} bytes",
            await SendAsync(new byte[ControlLine.MaxBytes + 1]),
            StringComparison.Ordinal);

    [Fact]
    public async Task Runs_of_scenarios_are_asked_for_and_looked_at_where_somebody_runs_them()
    {
        Assert.Contains("runs no scenarios", await SendAsync("""{"order":"scenarios"}"""), StringComparison.Ordinal);
        Assert.DoesNotContain("\"run\":", await SendAsync("""{"order":"look"}"""), StringComparison.Ordinal);

        await _listener.DisposeAsync();
        var runs = new Runs();
        _listener = ControlListener.Start(_nodes, Data, runs);
        Assert.Contains("\"whyNot\":\"too few\"", await SendAsync("""{"order":"scenarios"}"""), StringComparison.Ordinal);
        Assert.Contains("\"by\":\"alice\"", await SendAsync("""{"order":"run","scenario":"cap","by":"alice"}"""), StringComparison.Ordinal);
        Assert.Contains("alice runs cap now", await SendAsync("""{"order":"run","scenario":"cap","by":"bob"}"""), StringComparison.Ordinal);
        var look = await SendAsync("""{"order":"look"}""");
        Assert.Contains("\"scenario\":\"cap\"", look, StringComparison.Ordinal);
        Assert.Contains("\"state\":\"paused\"", look, StringComparison.Ordinal);
        Assert.Equal("{}", (await SendAsync("""{"order":"end-run","by":"bob"}""")).Trim());
        Assert.Equal("bob", runs.EndedBy);
    }

    [Fact]
    public void Nobody_else_may_give_orders()
    {
        if (OperatingSystem.IsWindows()) return; // it has no such modes
        var socket = ControlPath.Find(Data)!;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(socket));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Path.GetDirectoryName(socket)!));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Data, ClusterDirectory.ControlName)));
    }

    [Fact]
    public async Task Nobody_is_found_where_nobody_listens_any_more()
    {
        var socket = ControlPath.Find(Data)!;
        var before = (await ControlClient.FindAsync(Data))!;
        await _listener.DisposeAsync();
        Assert.Null(await ControlClient.FindAsync(Data));
        Assert.False(Directory.Exists(Path.GetDirectoryName(socket)));
        var problem = await Assert.ThrowsAsync<LocalClusterException>(() => before.OrderAsync(NodeOrder.Kill, 1));
        Assert.Equal($"nobody runs a cluster in '{Data}' now", problem.Message);
    }

    [Fact]
    public async Task What_one_that_was_killed_has_left_is_in_nobodys_way()
    {
        // As if it had not been disposed of: its file names a socket where nobody listens.
        var left = ControlPath.Find(Data)!;
        await _listener.DisposeAsync();
        Directory.CreateDirectory(Path.GetDirectoryName(left)!);
        await File.WriteAllTextAsync(left, "");
        await File.WriteAllTextAsync(Path.Combine(Data, ClusterDirectory.ControlName), left + "\n");
        Assert.Null(await ControlClient.FindAsync(Data));

        _listener = ControlListener.Start(_nodes, Data);
        Assert.NotNull(await ControlClient.FindAsync(Data));
        Assert.False(Directory.Exists(Path.GetDirectoryName(left)));
    }

    public Task InitializeAsync()
    {
        _listener = ControlListener.Start(_nodes, Data);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _listener.DisposeAsync();
        _directory.Dispose();
    }

    private Task<string> SendAsync(string line) => SendAsync(Encoding.UTF8.GetBytes(line + "\n"));

    private async Task<string> SendAsync(byte[] bytes)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(ControlPath.Find(Data)!));
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(bytes);
        socket.Shutdown(SocketShutdown.Send);
        var answer = new byte[4_096];
        return Encoding.UTF8.GetString(answer, 0, await stream.ReadAsync(answer));
    }

    private sealed class Runs : IScenarioRuns
    {
        public IReadOnlyList<ScenarioOffer> Offers { get; } = [new("cap", "t", "p", 14) { WhyNot = "too few" }];

        public ScenarioSight? Sight { get; private set; }

        public string? EndedBy { get; private set; }

        public Task BeginAsync(string scenario, string by, CancellationToken stop = default)
        {
            if (Sight is not null) throw new LocalClusterException($"{Sight.By} runs {Sight.Scenario} now");
            Sight = new ScenarioSight(scenario, "t", by, 1, 14);
            return Task.CompletedTask;
        }

        public void End(string by) => EndedBy = by;
    }

    private sealed class Nodes : INodeControl
    {
        public static readonly NodeAddress Fourth = new(4, 5104, 5204, 5304) { IsSecure = true };

        public List<(NodeOrder Order, int Node, string? Directory)> Ordered { get; } = [];

        public IReadOnlyList<NodeProcessStatus> Processes { get; } =
            [new(1, NodeState.Running, 11, "http://127.0.0.1:5101"), new(2, NodeState.Paused, 12, "http://127.0.0.1:5102")];

        public Task<IReadOnlyList<NodeProcessStatus>> ProcessesAsync(CancellationToken stop) => Task.FromResult(Processes);

        public Task OrderAsync(NodeOrder order, int node, string? directory, CancellationToken stop)
        {
            if (node == 7 && order == NodeOrder.Pause) throw new LocalClusterException("there is no node 7", "more of it");
            if (node == 7) throw new InvalidOperationException("the disk is on fire");
            Ordered.Add((order, node, directory));
            return Task.CompletedTask;
        }

        public Task<NodeAddress> StartNewNodeAsync(CancellationToken stop) => Task.FromResult(Fourth);
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;

namespace Gossipdb.LocalCluster.Tests;

/// <summary>Orders to nodes that are scripts: they end with their standard input, as nodes do, and answer nothing.</summary>
public sealed class OrdersTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentQueue<string> _reported = new();
    private ProcessCluster _cluster = null!;

    [Fact]
    public async Task What_was_killed_or_stopped_by_order_stays_down_and_what_ended_by_itself_is_started_again()
    {
        await _cluster.KillAsync(1);
        await _cluster.StopNodeAsync(2);
        Assert.Equal([NodeState.Killed, NodeState.Stopped, NodeState.Running], States());

        var third = _cluster.ProcessIdOf(3);
        using (var process = Process.GetProcessById(third)) process.Kill();
        await UntilAsync(() => _cluster.ProcessIdOf(3) != third && _cluster.Processes[2].IsRunning);
        Assert.Equal([NodeState.Killed, NodeState.Stopped, NodeState.Running], States());
        Assert.Single(_reported, static line => line.Contains("starting it again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_that_ends_by_itself_again_and_again_can_be_killed_by_order()
    {
        // While it is about to be started again, and while what starts it waits for it to answer.
        using (var process = Process.GetProcessById(_cluster.ProcessIdOf(1))) process.Kill();
        await UntilAsync(() => !_cluster.Processes[0].IsRunning);
        await _cluster.KillAsync(1).WaitAsync(Patience);
        Assert.Equal(NodeState.Killed, States()[0]);

        var second = _cluster.ProcessIdOf(2);
        using (var process = Process.GetProcessById(second)) process.Kill();
        await UntilAsync(() => _cluster.ProcessIdOf(2) != second);
        await _cluster.KillAsync(2).WaitAsync(Patience);
        Assert.Equal([NodeState.Killed, NodeState.Killed, NodeState.Running], States());
    }

    [SkippableFact]
    public async Task A_paused_node_stands_still_and_goes_on_to_end_with_the_cluster()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "what a process does is read from /proc");
        await _cluster.PauseAsync(2);
        Assert.Equal(NodeState.Paused, States()[1]);
        var process = _cluster.ProcessIdOf(2);
        await UntilAsync(() => StateOf(process) == 'T');
        await _cluster.DisposeAsync().AsTask().WaitAsync(Patience);
        Assert.Equal(' ', StateOf(process));
        Assert.DoesNotContain(_reported, static line => line.Contains("was killed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_paused_node_can_be_killed_and_stopped()
    {
        await _cluster.PauseAsync(1);
        await _cluster.PauseAsync(2);
        await _cluster.KillAsync(1).WaitAsync(Patience);
        await _cluster.StopNodeAsync(2).WaitAsync(Patience);
        Assert.Equal([NodeState.Killed, NodeState.Stopped, NodeState.Running], States());
    }

    [Fact]
    public async Task A_resumed_node_goes_on()
    {
        await _cluster.PauseAsync(1);
        using var enough = new CancellationTokenSource();

        // It is told the faults then, and does not answer: whoever waits gives up.
        var resuming = _cluster.ResumeAsync(1, enough.Token);
        await UntilAsync(() => _cluster.Processes[0].IsRunning);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => resuming);
        if (OperatingSystem.IsLinux()) Assert.NotEqual('T', StateOf(_cluster.ProcessIdOf(1)));
    }

    [Fact]
    public async Task The_data_of_a_node_that_is_down_is_saved_deleted_and_put_back()
    {
        var data = Path.Combine(_cluster.DataDirectory, "node-2");
        var copy = Path.Combine(_directory.Path, "copies", "2");
        Directory.CreateDirectory(Path.Combine(data, "log"));
        await File.WriteAllTextAsync(Path.Combine(data, "journal.db"), "old");
        await File.WriteAllTextAsync(Path.Combine(data, "log", "node.log"), "lines");
        await _cluster.KillAsync(2);
        await _cluster.SaveAsync(2, copy);
        await File.WriteAllTextAsync(Path.Combine(data, "journal.db"), "new");
        await File.WriteAllTextAsync(Path.Combine(data, "layout"), "of now");

        await _cluster.RestoreAsync(2, copy);
        Assert.Equal("old", await File.ReadAllTextAsync(Path.Combine(data, "journal.db")));
        Assert.Equal("lines", await File.ReadAllTextAsync(Path.Combine(data, "log", "node.log")));
        Assert.False(File.Exists(Path.Combine(data, "layout")));

        await _cluster.WipeAsync(2);
        Assert.False(Directory.Exists(data));
        await _cluster.RestoreAsync(2, copy);
        Assert.True(File.Exists(Path.Combine(data, "journal.db")));
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_by_what_is_in_the_way()
    {
        var copy = Path.Combine(_directory.Path, "copy");
        await RefusedAsync(() => _cluster.KillAsync(4), "there is no node 4; the nodes are 1, 2, 3");
        await RefusedAsync(() => _cluster.ResumeAsync(1), "node 1 is running: only a paused node can be resumed");
        await RefusedAsync(() => _cluster.StartNodeAsync(1), "node 1 is running: stop or kill it first");
        await RefusedAsync(() => _cluster.WipeAsync(1), "node 1 is running: stop or kill it first");
        await RefusedAsync(() => _cluster.SaveAsync(1, copy), "node 1 is running: stop or kill it first");
        await _cluster.PauseAsync(1);
        await RefusedAsync(() => _cluster.PauseAsync(1), "node 1 is paused already: 'resume' lets it go on");
        await RefusedAsync(() => _cluster.WipeAsync(1), "node 1 is paused: stop or kill it first, or 'resume' it");
        await _cluster.KillAsync(1);
        await RefusedAsync(() => _cluster.PauseAsync(1), "node 1 was killed: 'start' starts it");
        await RefusedAsync(() => _cluster.StopNodeAsync(1), "node 1 was killed: 'start' starts it");
        await RefusedAsync(() => _cluster.RestoreAsync(1, copy), $"there is no saved data in '{copy}'");
        var data = Path.Combine(_cluster.DataDirectory, "node-1");
        await RefusedAsync(() => _cluster.SaveAsync(1, copy), $"there is no data to save in '{data}'");
        Directory.CreateDirectory(copy);
        await RefusedAsync(() => _cluster.RestoreAsync(1, copy), $"'{copy}' is no saved data directory of a node: it has no journal.db");
        Directory.CreateDirectory(data);
        await RefusedAsync(() => _cluster.SaveAsync(1, copy), $"'{copy}' is there already: save to another place");
        await RefusedAsync(() => _cluster.OrderAsync(NodeOrder.Save, 1), "'save' needs a directory");
    }

    public Task InitializeAsync()
    {
        _cluster = ProcessCluster.Start(new()
        {
            DataDirectory = Path.Combine(_directory.Path, "cluster"),
            Nodes = 3,
            Command = ["/bin/sh", "-c", "exec cat"],
            Restart = true,
            Report = _reported.Enqueue,
        });
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _directory.Dispose();
    }

    private NodeState[] States() => [.. _cluster.Processes.Select(static one => one.State)];

    private static async Task RefusedAsync(Func<Task> order, string message) =>
        Assert.Equal(message, (await Assert.ThrowsAsync<LocalClusterException>(order)).Message);

    // The letter of proc(5): T for one that is stopped by a signal; a space where there is none.
    private static char StateOf(int process)
    {
        var stat = $"/proc/{process}/stat";
        if (!File.Exists(stat)) return ' ';
        var text = File.ReadAllText(stat);
        return text[text.LastIndexOf(')') + 2];
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < deadline, "not in time");
            await Task.Delay(20);
        }
    }
}

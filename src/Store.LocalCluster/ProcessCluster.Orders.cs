using Gossipdb.Client;

namespace Gossipdb.LocalCluster;

/// <summary>What is done to single nodes of a running cluster: by order, or because they ended by themselves.</summary>
public sealed partial class ProcessCluster : INodeControl
{
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AskFor = TimeSpan.FromSeconds(2);

    // A node that has run this long started well: its next death is a new trouble, not more of the old one.
    private static readonly TimeSpan GoodRun = TimeSpan.FromSeconds(30);
    private const int MaxRestartsInARow = 8;

    /// <summary>Every node's process, in the order of their numbers.</summary>
    public IReadOnlyList<NodeProcessStatus> Processes => [.. _nodes.Select(static node => node.Status)];

    /// <summary>Ends a node at once, as <c>kill -9</c> does. It stays down until it is started.</summary>
    /// <param name="node">The node.</param>
    /// <exception cref="LocalClusterException">There is no such node.</exception>
    public async Task KillAsync(int node)
    {
        var one = Of(node);

        // At once, whatever else is being done to it; and again where it was started meanwhile.
        one.DownByOrder = NodeState.Killed;
        one.Process.Kill();
        await WithAsync(one, CancellationToken.None, async () =>
        {
            one.DownByOrder = NodeState.Killed;
            one.Process.Kill();
            await one.Process.WaitAsync(CancellationToken.None);
            await one.ResumeAsync();
        });
    }

    /// <summary>Lets a node stand still, as SIGSTOP does: its connections stay open, and nothing answers.</summary>
    /// <param name="node">The node.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="LocalClusterException">It does not run, or this system has no such signal.</exception>
    public Task PauseAsync(int node, CancellationToken stop = default) => WithAsync(Of(node), stop, async one =>
    {
        Require(one, NodeState.Running);
        one.Pause = await PausedProcess.PauseAsync(one.Process.Id);
        one.KnowsFaults = false;
    });

    /// <summary>Lets a paused node go on, and tells it which faults are in force now.</summary>
    /// <param name="node">The node.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="LocalClusterException">It is not paused.</exception>
    public Task ResumeAsync(int node, CancellationToken stop = default) => WithAsync(Of(node), stop, async one =>
    {
        Require(one, NodeState.Paused);
        await one.ResumeAsync();
        await TellFaultsAsync(one, stop);
    });

    /// <summary>Stops a node in order, and kills it where that takes too long. It stays down until it is started.</summary>
    /// <param name="node">The node.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="LocalClusterException">It is down.</exception>
    public Task StopNodeAsync(int node, CancellationToken stop = default) => WithAsync(Of(node), stop, async one =>
    {
        Require(one, NodeState.Running, NodeState.Paused);
        one.DownByOrder = NodeState.Stopped;
        await one.ResumeAsync();
        await StopProcessAsync(one);
    });

    /// <summary>Starts a node that is down, and tells it which faults are in force. It may not serve yet.</summary>
    /// <param name="node">The node.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="LocalClusterException">It is not down, or ends again at once.</exception>
    public Task StartNodeAsync(int node, CancellationToken stop = default) => WithAsync(Of(node), stop, async one =>
    {
        Require(one, NodeState.Stopped, NodeState.Killed, NodeState.Ended);
        Launch(one);
        await TellFaultsAsync(one, stop);
    });

    /// <summary>Starts a node that is down, tells it which faults are in force, and waits until it serves.</summary>
    /// <param name="node">The node.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="LocalClusterException">It is not down, ends again, or makes no progress.</exception>
    public async Task RestartAsync(int node, CancellationToken stop = default)
    {
        await StartNodeAsync(node, stop);
        await WaitReadyAsync(node, stop);
    }

    /// <summary>Empties the data directory of a node that is down.</summary>
    /// <param name="node">The node.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="LocalClusterException">It is not down, or the files cannot be deleted.</exception>
    public Task WipeAsync(int node, CancellationToken stop = default) =>
        WithFilesAsync(node, stop, static (directory, _) => NodeFiles.Wipe(directory), "");

    /// <summary>Copies the data directory of a node that is down.</summary>
    /// <param name="node">The node.</param>
    /// <param name="copy">Where to, as a full path; it must not be there yet.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="LocalClusterException">It is not down, or the files cannot be copied.</exception>
    public Task SaveAsync(int node, string copy, CancellationToken stop = default) => WithFilesAsync(node, stop, NodeFiles.Save, copy);

    /// <summary>Puts such a copy in place of the data directory of a node that is down.</summary>
    /// <param name="node">The node.</param>
    /// <param name="copy">Where the copy is, as a full path.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="LocalClusterException">It is not down, the copy is none of this node, or it cannot be copied.</exception>
    public Task RestoreAsync(int node, string copy, CancellationToken stop = default) =>
        WithFilesAsync(node, stop, NodeFiles.Restore, copy);

    Task<IReadOnlyList<NodeProcessStatus>> INodeControl.ProcessesAsync(CancellationToken stop) => Task.FromResult(Processes);

    /// <inheritdoc/>
    public Task OrderAsync(NodeOrder order, int node, string? directory = null, CancellationToken stop = default) => order switch
    {
        NodeOrder.Kill => KillAsync(node),
        NodeOrder.Pause => PauseAsync(node, stop),
        NodeOrder.Resume => ResumeAsync(node, stop),
        NodeOrder.Stop => StopNodeAsync(node, stop),
        NodeOrder.Start => StartNodeAsync(node, stop),
        NodeOrder.Wipe => WipeAsync(node, stop),
        NodeOrder.Save => SaveAsync(node, Required(order, directory), stop),
        NodeOrder.Restore => RestoreAsync(node, Required(order, directory), stop),
        _ => throw new ArgumentOutOfRangeException(nameof(order), order, "not an order"),
    };

    private static string Required(NodeOrder order, string? directory) =>
        directory ?? throw new LocalClusterException($"'{order.ToString().ToLowerInvariant()}' needs a directory");

    private static async Task WithAsync(ClusterNode one, CancellationToken stop, Func<Task> act)
    {
        await one.Turn.WaitAsync(stop);
        try
        {
            await act();
        }
        finally
        {
            one.Turn.Release();
        }
    }

    private static Task WithAsync(ClusterNode one, CancellationToken stop, Func<ClusterNode, Task> act) =>
        WithAsync(one, stop, () => act(one));

    private Task WithFilesAsync(int node, CancellationToken stop, Action<string, string> act, string copy) =>
        WithAsync(Of(node), stop, async one =>
        {
            Require(one, NodeState.Stopped, NodeState.Killed, NodeState.Ended);
            try
            {
                // Some gigabytes may take a while: not on the caller's thread.
                await Task.Run(() => act(_directory.DataOf(node), copy), CancellationToken.None);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                throw new LocalClusterException($"node {node}: {problem.Message}");
            }
        });

    private static void Require(ClusterNode one, params ReadOnlySpan<NodeState> states)
    {
        if (states.Contains(one.State)) return;
        var (is_, help) = one.State switch
        {
            NodeState.Running when states.Contains(NodeState.Paused) => ("is running", "only a paused node can be resumed"),
            NodeState.Running => ("is running", "stop or kill it first"),
            NodeState.Paused when states.Contains(NodeState.Running) => ("is paused already", "'resume' lets it go on"),
            NodeState.Paused => ("is paused", "stop or kill it first, or 'resume' it"),
            NodeState.Stopped => ("was stopped", "'start' starts it"),
            NodeState.Killed => ("was killed", "'start' starts it"),
            _ => ($"ended with code {one.Process.ExitCode}", "'start' starts it"),
        };
        throw new LocalClusterException($"node {one.Address.Id} {is_}: {help}");
    }

    private void Guard(ClusterNode node)
    {
        if (!_options.Restart) return;
        lock (_guards) _guards.Add(GuardAsync(node));
    }

    // Keeps one node running: starts it again when it ends untold, each time after a longer pause, and gives up where that does not help.
    // What was stopped or killed by order stays down until it is started by order.
    private async Task GuardAsync(ClusterNode node)
    {
        var restarts = 0;
        try
        {
            while (true)
            {
                var process = node.Process;
                await process.WaitAsync(_stopping.Token);
                restarts = process.Uptime > GoodRun ? 1 : restarts + 1;
                if (node.DownByOrder is null && restarts <= MaxRestartsInARow)
                {
                    await StartAgainAsync(node, process, Backoff(restarts));
                    continue;
                }

                if (node.DownByOrder is null)
                    _options.Report($"node {node.Address.Id} ended {restarts} times in a row and is left down; the last it said: "
                        + $"{process.LastLines.LastOrDefault()}");
                restarts = 0;
                await node.NextProcessAsync(process, _stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The cluster is being stopped.
        }
    }

    private async Task StartAgainAsync(ClusterNode node, NodeProcess ended, TimeSpan pause)
    {
        var id = node.Address.Id;
        _options.Report($"node {id} (process {ended.Id}) ended with code {ended.ExitCode}; starting it again in "
            + $"{pause.TotalSeconds:0.#} s");
        await Task.Delay(pause, _stopping.Token);
        await WithAsync(node, _stopping.Token, async () =>
        {
            if (node.DownByOrder is not null || !ReferenceEquals(node.Process, ended)) return; // there were orders meanwhile
            await node.ResumeAsync();
            Launch(node);
            _options.Report($"node {id} is process {node.Process.Id} now");
            try
            {
                await TellFaultsAsync(node, _stopping.Token);
            }
            catch (LocalClusterException)
            {
                // It has ended again, which is seen next.
            }
        });
    }

    private static TimeSpan Backoff(int restarts) =>
        TimeSpan.FromSeconds(Math.Min(LongestBackoff.TotalSeconds, 0.5 * Math.Pow(2, restarts - 1)));

    // A node forgets the faults with its process, and hears nothing while it is paused: it is told what the others know. Waits as long as
    // it takes to start.
    private async Task TellFaultsAsync(ClusterNode node, CancellationToken stop)
    {
        var faults = await FaultsOfOthersAsync(node, stop);
        while (true)
        {
            if (node.Process.HasExited)
            {
                throw new LocalClusterException(
                    $"node {node.Address.Id} ended with code {node.Process.ExitCode}", Troubleshooting(node.Address.Id));
            }

            try
            {
                using var admin = AdminOf(node.Address.Id, AskFor);
                await admin.SetFaultsAsync(faults, stop);
                node.KnowsFaults = true;
                if (!faults.IsEmpty) _options.Report($"node {node.Address.Id} was told again which faults are in force");
                return;
            }
            catch (Exception notYet) when (notYet is ConnectionException or TimedOutException)
            {
                await Task.Delay(PollInterval, stop);
            }
            catch (GossipdbException refused)
            {
                // One that takes no faults need not be told that there are none.
                if (!faults.IsEmpty)
                    _options.Report($"node {node.Address.Id} cannot be told which faults are in force: {refused.Message}");
                return;
            }
        }
    }

    private async Task<FaultSet> FaultsOfOthersAsync(ClusterNode node, CancellationToken stop)
    {
        foreach (var other in _nodes.Where(other => other != node && other is { State: NodeState.Running, KnowsFaults: true }))
        {
            try
            {
                using var admin = AdminOf(other.Address.Id, AskFor);
                return await admin.FaultsAsync(stop);
            }
            catch (GossipdbException)
            {
                // The next one may know.
            }
        }

        return FaultSet.None;
    }
}

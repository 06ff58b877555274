
namespace Gossipdb.LocalCluster;

/// <summary>A node of a local cluster: its process, and what was ordered of it.</summary>
/// <param name="address">Where it listens.</param>
internal sealed class ClusterNode(NodeAddress address)
{
    private volatile TaskCompletionSource _launched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile NodeProcess? _process;

    public NodeAddress Address => address;

    /// <summary>Held by whoever changes what the process does: orders, and what starts a node again that ended by itself.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Its process, of which there has been one since the cluster was started.</summary>
    public NodeProcess Process => _process ?? throw new InvalidOperationException($"node {address.Id} was never started");

    /// <summary>Whether it was stopped or killed by order: it is not started again by itself then. Null otherwise.</summary>
    public NodeState? DownByOrder { get; set; }

    /// <summary>What lets it go on where it is paused; null where it is not.</summary>
    public PausedProcess? Pause { get; set; }

    /// <summary>Whether it was told which faults are in force since its process was started, or went on.</summary>
    public bool KnowsFaults { get; set; }

    public NodeState State => this switch
    {
        { Process.HasExited: true } => DownByOrder ?? NodeState.Ended,
        { Pause: not null } => NodeState.Paused,
        _ => NodeState.Running,
    };

    public NodeProcessStatus Status => new(address.Id, State, Process.Id, address.Endpoint) { HealthUrl = address.HealthUrl };

    /// <summary>
    /// Takes a process that was started for it in place of the one before, which has ended. That is not disposed of: others may be asking
    /// just now how it ended.
    /// </summary>
    public void Take(NodeProcess process)
    {
        (DownByOrder, KnowsFaults) = (null, false);
        _process = process;
        Interlocked.Exchange(ref _launched!, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <summary>Waits until it has another process than this.</summary>
    public async Task NextProcessAsync(NodeProcess seen, CancellationToken stop)
    {
        while (true)
        {
            var next = _launched;
            if (!ReferenceEquals(_process, seen)) return;
            await next.Task.WaitAsync(stop);
        }
    }

    /// <summary>Lets it go on where it is paused.</summary>
    public async Task ResumeAsync()
    {
        if (Pause is not { } pause) return;
        await pause.DisposeAsync();
        Pause = null;
    }
}

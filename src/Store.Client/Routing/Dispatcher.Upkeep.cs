using Gossipdb.Client.Connection;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client.Routing;

/// <summary>What goes on beside the calls: connecting, ending calls that are overdue, learning the layout, disposal.</summary>
internal sealed partial class Dispatcher
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMilliseconds(50);

    private readonly SemaphoreSlim _refresh = new(0, 1);
    private readonly Lock _startGate = new();
    private Task _upkeep = Task.CompletedTask;
    private bool _started;
    private long _awaitedUntilMs;

    public void Start()
    {
        if (Volatile.Read(ref _started))
            return;
        lock (_startGate)
        {
            if (_started || _disposing.IsCancellationRequested)
                return;
            _directory.Start();
            using (ExecutionContext.SuppressFlow())
                _upkeep = Task.WhenAll(Task.Run(SweepAsync), Task.Run(RefreshAsync));
            _started = true;
        }
    }

    /// <summary>
    /// Waits until a node is connected, or every given endpoint has said what no waiting mends; at most for the timeout of a call. Where
    /// waiting is not wanted, that an endpoint refuses is enough.
    /// </summary>
    public async Task ConnectAsync(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, typeof(GossipdbClient));
        Start();
        NoteWaiting(Settings.Timeout);
        var nextUp = Volatile.Read(ref _nextUp).Task;
        if (_directory.IsAnyUp()) return;
        var allRefused = Task.WhenAll(
            Array.ConvertAll(_directory.Nodes, node => Settings.WaitForNode ? node.LastingTrouble : node.FirstWord));
        try
        {
            await Task.WhenAny(nextUp, allRefused).WaitAsync(Settings.Timeout, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw Failures.Unconnected(_directory.Troubles(), Settings.Timeout);
        }

        ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, typeof(GossipdbClient));
        if (!_directory.IsAnyUp())
            throw _directory.NotLetIn() is { } refused ? Failures.NotLetIn(refused) : Failures.Unconnected(_directory.Troubles());
    }

    /// <summary>How much longer an attempt to connect may go on: while somebody waits for a node and none is connected.</summary>
    public TimeSpan FurtherPatience()
    {
        var left = Volatile.Read(ref _awaitedUntilMs) - Environment.TickCount64;
        if (left <= 0 || _directory.IsAnyUp())
            return TimeSpan.Zero;
        // Looked at again now and then: another node may be connected meanwhile.
        return TimeSpan.FromMilliseconds(Math.Min(left, Settings.ConnectTimeout.TotalMilliseconds));
    }

    /// <summary>Somebody waits so long for any node to be connected.</summary>
    private void NoteWaiting(TimeSpan time)
    {
        var until = Environment.TickCount64 + (long)time.TotalMilliseconds;
        for (var known = Volatile.Read(ref _awaitedUntilMs); known < until;)
            known = Interlocked.CompareExchange(ref _awaitedUntilMs, until, known) is var found && found == known ? until : found;
    }

    public void OnDescription(Wire.ClusterDescription description) => _directory.Apply(description);

    /// <summary>Ends every call under way and begins to close the connections.</summary>
    public void BeginDispose()
    {
        lock (_startGate)
            _disposing.Cancel();
        _directory.RequestStop();
        foreach (var call in _unconnected.TakeAll())
            call.Fail(Failures.Disposed());
    }

    public async Task DisposeAsync()
    {
        BeginDispose();
        await _directory.StopAsync().ConfigureAwait(false);
        await _upkeep.ConfigureAwait(false);
    }

    // One sweep for all calls instead of a timer for each: a call is ended at most one interval late.
    private async Task SweepAsync()
    {
        var overdue = new List<OutboundCall>();
        while (!_disposing.IsCancellationRequested)
        {
            await Task.Delay(SweepInterval, _disposing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var now = Environment.TickCount64;
            foreach (var node in _directory.Nodes)
                node.CollectOverdue(now, overdue);
            _unconnected.CollectOverdue(now, overdue);
            foreach (var call in overdue)
                End(call);
            overdue.Clear();
        }
    }

    // Whatever one call meets, the sweep goes on for the others.
    private void End(OutboundCall overdue)
    {
        try
        {
            overdue.Fail(Failures.Overdue(overdue, _directory.Troubles));
        }
        catch (Exception unforeseen)
        {
            overdue.Fail(unforeseen);
        }
    }

    private void RefreshSoon()
    {
        try
        {
            _refresh.Release();
        }
        catch (SemaphoreFullException)
        {
            // Asked for already.
        }
    }

    // Asks another node each time: one alone may be on the wrong side of a cut.
    private async Task RefreshAsync()
    {
        for (var turn = 0; !_disposing.IsCancellationRequested; turn++)
        {
            await ((Task)_refresh.WaitAsync(Settings.RefreshInterval, _disposing.Token))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var connected = Array.FindAll(_directory.Nodes, static node => node.IsUp);
            if (connected.Length == 0)
                continue;
            var node = connected[turn % connected.Length];
            try
            {
                await node.RefreshAsync(_disposing.Token).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                Log.RefreshFailed(node.Endpoint, NodeChannel.Reason(failure));
            }
        }
    }
}

using System.Net.Sockets;

namespace Gossipdb.LocalCluster.Control;

/// <summary>
/// Takes orders for the nodes of a local cluster from other processes of the same user: over a Unix domain socket in a directory that
/// nobody else may enter. A file in the cluster's data directory says where it is.
/// </summary>
public sealed class ControlListener : IAsyncDisposable
{
    private const int MaxConnections = 16;
    private static readonly TimeSpan SilentFor = TimeSpan.FromSeconds(30);

    private readonly INodeControl _nodes;
    private readonly IScenarioRuns? _runs;
    private readonly ControlPath _path;
    private readonly Socket _socket;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _free = new(MaxConnections, MaxConnections);
    private readonly Task _accepting;
    private int _isDisposed;

    private ControlListener(INodeControl nodes, IScenarioRuns? runs, ControlPath path, Socket socket)
    {
        (_nodes, _runs, _path, _socket) = (nodes, runs, path, socket);
        _accepting = AcceptAsync();
    }

    /// <summary>Listens until it is disposed of.</summary>
    /// <param name="cluster">The cluster whose nodes orders are for.</param>
    /// <param name="runs">Who runs experiments in it; null where nobody does.</param>
    /// <exception cref="LocalClusterException">The socket cannot be made.</exception>
    public static ControlListener Start(ProcessCluster cluster, IScenarioRuns? runs = null) =>
        Start(cluster, cluster.DataDirectory, runs);

    /// <summary>The same, with where the file that says where the socket is lies.</summary>
    internal static ControlListener Start(INodeControl nodes, string dataDirectory, IScenarioRuns? runs = null)
    {
        var path = ControlPath.Make(dataDirectory);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path.Socket));
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path.Socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            socket.Listen(MaxConnections);
            path.Publish();
            return new ControlListener(nodes, runs, path, socket);
        }
        catch (Exception problem) when (problem is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            path.Dispose();
            throw new LocalClusterException($"orders cannot be taken at '{path.Socket}': {problem.Message}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        _path.Dispose();
        await _stopping.CancelAsync();
        _socket.Dispose();
        await _accepting;

        // What is under way is told that it is over.
        for (var i = 0; i < MaxConnections; i++) await _free.WaitAsync();
        _stopping.Dispose();
    }

    private IScenarioRuns Runs =>
        _runs ?? throw new LocalClusterException("whoever runs this cluster runs no scenarios; 'gossipdb up' does");

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                await _free.WaitAsync(_stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            Socket caller;
            try
            {
                caller = await _socket.AcceptAsync(_stopping.Token);
            }
            catch (Exception over) when (over is OperationCanceledException or ObjectDisposedException)
            {
                _free.Release();
                return;
            }
            catch (SocketException)
            {
                _free.Release(); // the caller has gone already
                continue;
            }

            _ = ServeAsync(caller);
        }
    }

    private async Task ServeAsync(Socket caller)
    {
        try
        {
            using var stream = new NetworkStream(caller, ownsSocket: true);
            while (await NextAsync(stream) is { } answer) await ControlLine.WriteAsync(stream, answer, _stopping.Token);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The caller has gone, or is silent, or this stops.
        }
        finally
        {
            _free.Release();
        }
    }

    private async Task<ControlAnswer?> NextAsync(Stream stream)
    {
        ControlOrder? order;
        try
        {
            using var silent = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            silent.CancelAfter(SilentFor);
            order = await ControlLine.ReadAsync<ControlOrder>(stream, silent.Token);
        }
        catch (InvalidDataException problem)
        {
            return new ControlAnswer { Error = $"not an order: {problem.Message}" };
        }

        try
        {
            return order is null ? null : await AnswerAsync(order);
        }
        catch (LocalClusterException problem)
        {
            return new ControlAnswer { Error = problem.Message, Detail = problem.Detail };
        }
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            // Whatever the system says of processes and files.
            return new ControlAnswer { Error = $"{order!.Order}: {problem.Message}" };
        }
    }

    private async Task<ControlAnswer> AnswerAsync(ControlOrder order)
    {
        switch (order.Order)
        {
            case ControlOrder.List:
                return new ControlAnswer { Processes = await _nodes.ProcessesAsync(_stopping.Token) };
            case ControlOrder.New:
                return new ControlAnswer { Started = await _nodes.StartNewNodeAsync(_stopping.Token) };
            case ControlOrder.Look:
                return new ControlAnswer { Processes = await _nodes.ProcessesAsync(_stopping.Token), Run = _runs?.Sight };
            case ControlOrder.Scenarios:
                return new ControlAnswer { Scenarios = Runs.Offers };
            case ControlOrder.Run:
                await Runs.BeginAsync(order.Scenario ?? "", order.By ?? "somebody", _stopping.Token);
                return new ControlAnswer { Run = Runs.Sight };
            case ControlOrder.EndRun:
                Runs.End(order.By ?? "somebody");
                return new ControlAnswer();
            default:
                // By its name alone: numbers and lists are taken for values of an enumeration too.
                var at = Array.FindIndex(
                    Enum.GetNames<NodeOrder>(), name => name.Equals(order.Order, StringComparison.OrdinalIgnoreCase));
                if (at < 0) return new ControlAnswer { Error = $"not an order: '{order.Order}'" };
                await _nodes.OrderAsync(Enum.GetValues<NodeOrder>()[at], order.Node, order.Directory, _stopping.Token);
                return new ControlAnswer();
        }
    }
}

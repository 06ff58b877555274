using System.Net;
using System.Net.Sockets;
using Gossipdb.Node.Observability;

namespace Gossipdb.Node.Transport;

/// <summary>A port of the node that takes connections for as long as the node runs, whatever becomes of single ones.</summary>
internal sealed class PortListener : IDisposable
{
    private const int Backlog = 512;

    // Where no connection can be taken, for want of file descriptors say, the next one is not tried at once.
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(100);
    private readonly Socket _socket;
    private readonly NodeHealth _health;

    /// <summary>Listens from here on.</summary>
    /// <exception cref="SocketException">The port is taken.</exception>
    public PortListener(IPAddress host, int port, NodeHealth health)
    {
        _health = health;
        _socket = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (host.Equals(IPAddress.IPv6Any)) _socket.DualMode = true;
        _socket.Bind(new IPEndPoint(host, port));
        _socket.Listen(Backlog);
    }

    /// <summary>The port.</summary>
    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>Takes connections until it is stopped. Where that is not possible any more the node fails.</summary>
    /// <param name="kind">What is logged of it is of this kind.</param>
    /// <param name="name">What the port is called.</param>
    /// <param name="take">Takes each of them, on a thread of the pool. It throws nothing.</param>
    /// <param name="stopping">Stops it.</param>
    public async Task RunAsync(string kind, string name, Func<Socket, Task> take, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var accepted = await _socket.AcceptAsync(stopping).ConfigureAwait(false);
                _ = Task.Run(() => take(accepted), CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                // The node stops.
            }
            catch (SocketException failed) when (!stopping.IsCancellationRequested)
            {
                _health.WarnNowAndThen(
                    kind, $"{name} could not take a connection, and goes on: {failed.Message}; it may lack open files (ulimit -n)");
                await Task.Delay(AfterFailure, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception unexpected)
            {
                if (!stopping.IsCancellationRequested) _health.Fail($"{name} takes no more connections", unexpected);
                return;
            }
        }
    }

    public void Dispose() => _socket.Dispose();
}

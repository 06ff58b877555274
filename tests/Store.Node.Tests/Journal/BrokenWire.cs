using System.Net;
using System.Net.Sockets;

namespace Gossipdb.Node.Tests.Journal;

/// <summary>
/// Stands between a client and a server of the loopback address. It can lose a question, or the answer to it, and break the connections
/// with that: the client cannot tell which of the two was lost.
/// </summary>
internal sealed class BrokenWire : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _to;
    private readonly List<TcpClient> _open = [];
    private readonly SemaphoreSlim _broken = new(0);
    private volatile Loss _loss;

    public enum Loss
    {
        None,

        /// <summary>What the client says next does not arrive.</summary>
        Question,

        /// <summary>What the server says next does not arrive.</summary>
        Answer,

        /// <summary>Nobody is let through.</summary>
        Everything,
    }

    /// <param name="to">The server's port.</param>
    public BrokenWire(int to)
    {
        _to = to;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Loses what comes next, and everything after it.</summary>
    public void Lose(Loss what) => _loss = what;

    /// <summary>Something was lost, and the connections are broken.</summary>
    public async Task BrokenAsync() => Assert.True(await _broken.WaitAsync(TimeSpan.FromSeconds(60)));

    /// <summary>Lets everything through.</summary>
    public void Mend() => _loss = Loss.None;

    public ValueTask DisposeAsync()
    {
        _listener.Stop();
        Break();
        _broken.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                if (_loss != Loss.None)
                {
                    client.Close();
                    continue;
                }

                var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, _to);
                lock (_open) _open.AddRange([client, server]);
                _ = PumpAsync(client, server, Loss.Question);
                _ = PumpAsync(server, client, Loss.Answer);
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
            // Nobody comes any more.
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, Loss loses)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.GetStream().ReadAsync(buffer) is > 0 and var read)
            {
                if (_loss == loses)
                {
                    _loss = Loss.Everything;
                    Break();
                    _broken.Release();
                    return;
                }

                await to.GetStream().WriteAsync(buffer.AsMemory(0, read));
            }
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // One end is gone; the other goes with it.
        }

        from.Close();
        to.Close();
    }

    private void Break()
    {
        lock (_open)
        {
            foreach (var one in _open) one.Close();
            _open.Clear();
        }
    }
}

using System.Net.Sockets;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Security;
using Gossipdb.Node.Transport;

namespace Gossipdb.Node.Links;

/// <summary>Calls one other node, and calls again after every loss, for as long as this node runs.</summary>
internal sealed class LinkDialer
{
    private const int BackoffLeastMs = 50;
    private const int BackoffMostMs = 1_000;

    // The other end has to say who it is meanwhile, on a busy machine perhaps.
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(10);
    private readonly LinkEnvironment _node;
    private readonly AddressBook _addresses;
    private readonly DataPort _port;
    private readonly PeerLink _link;
    private readonly Func<PeerLink, FrameConnection, Task> _serve;

    /// <param name="node">The node that calls.</param>
    /// <param name="addresses">Where the other one is reached.</param>
    /// <param name="port">What calls.</param>
    /// <param name="link">The link to the other node.</param>
    /// <param name="serve">Serves the connection until it ends.</param>
    /// <param name="stop">Ends it.</param>
    public LinkDialer(
        LinkEnvironment node,
        AddressBook addresses,
        DataPort port,
        PeerLink link,
        Func<PeerLink, FrameConnection, Task> serve,
        CancellationToken stop)
    {
        (_node, _addresses, _port, _link, _serve) = (node, addresses, port, link, serve);
        Ended = Task.Run(() => RunAsync(stop), CancellationToken.None);
    }

    /// <summary>Done when it calls no more.</summary>
    public Task Ended { get; }

    private async Task RunAsync(CancellationToken stop)
    {
        var backoffMs = BackoffLeastMs;
        while (!stop.IsCancellationRequested)
        {
            // Over a link that is cut no connection would come about.
            var wasConnected = _link.Faults is not { IsCut: true } && !_node.IsLost(_link.Remote) && await TryServeAsync(stop);
            backoffMs = wasConnected ? BackoffLeastMs : Math.Min(2 * backoffMs, BackoffMostMs);
            await Task.Delay(Random.Shared.Next(backoffMs / 2, backoffMs), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Whether there was a connection.
    private async Task<bool> TryServeAsync(CancellationToken stop)
    {
        if (_addresses.Find(_link.Remote) is not { } address || _addresses.DataPortOf(_link.Remote) is not { } port) return false;
        var isConnected = false;
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(ConnectWithin);
            await using var connection = await _port.DialAsync(_link.Remote, address.PeerHost, port, patience.Token);
            isConnected = true;
            await using var stopping = stop.UnsafeRegister(
                static connection => ((FrameConnection)connection!).Close("the node stops"), connection);
            await _serve(_link, connection);
        }
        catch (Exception lost) when (lost is SocketException or IOException or OperationCanceledException)
        {
            // It is called again.
        }
        catch (Exception other) when (other is CorruptDataException or PeerRefusedException)
        {
            _node.Health.WarnNowAndThen("link", $"hung up on node {_link.Remote}: {other.Message}");
        }
        catch (Exception unexpected)
        {
            _node.Health.CallFailed($"the link to node {_link.Remote}", "a connection", unexpected);
        }

        return isConnected;
    }
}

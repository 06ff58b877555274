using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote.Transport;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Security;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Transport;

/// <summary>
/// What carries Akka.Remote where nodes show each other who they are, and where links may be told faults: connections as at the data port,
/// with the same greeting, the same TLS and the same faults. Akka hears of a connection once both ends have shown who they are, and nothing
/// over it that claims to be of another node.
/// <para>Akka's own transport does not say whose certificate a connection was made with, so nothing could be held against that. And what
/// its adapters do to a link they do to Akka alone.</para>
/// </summary>
internal sealed class ControlTransport : Akka.Remote.Transport.Transport
{
    private const string Port = "peer-port";

    // Akka gives up sooner.
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(10);
    private readonly ControlSetup _node;
    private readonly Address _self;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<IAssociationEventListener> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<ControlAssociation, byte> _associations = new(ReferenceEqualityComparer.Instance);
    private readonly PeerConnections _connections;
    private PortListener? _listener;
    private Task _accepting = Task.CompletedTask;

    /// <summary>Called by Akka.</summary>
    public ControlTransport(ActorSystem system, Config config)
    {
        _node = system.Settings.Setup.Get<ControlSetup>().Value;
        (System, Config, SchemeIdentifier, MaximumPayloadBytes) = (system, config, "tcp", _node.Settings.FrameBytes);
        var self = _node.Settings.Nodes[_node.Settings.Id];
        _self = AddressAt(self.PeerHost, self.PeerPort);
        _connections = new PeerConnections(_node.Settings, _node.Certificates, _node.Greeting, _node.Faults, PeerPort.Control);
    }

    /// <summary>What the configuration of Akka says of it; nothing where nodes show nothing, and can be told no faults.</summary>
    public static string ConfigurationOf(NodeSettings settings) => settings.PeersProve || settings.Lab.FaultInjection
        ? $$"""
          akka.remote {
            enabled-transports = ["akka.remote.gossipdb"]
            gossipdb {
              transport-class = "{{typeof(ControlTransport).FullName}}, {{typeof(ControlTransport).Assembly.GetName().Name}}"
              transport-protocol = tcp
              applied-adapters = []
            }
          }
          """
        : string.Empty;

    public override bool IsResponsibleFor(Address remote) => true;

    public override Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen()
    {
        _listener = new PortListener(_node.Settings.ListenAddress, _node.Settings.PeerPort, _node.Health);
        _accepting = Task.Run(() => AcceptAsync(_listener));
        return Task.FromResult((_self, _listening));
    }

    public override async Task<AssociationHandle> Associate(Address remoteAddress)
    {
        if (remoteAddress is not { Host: { } host, Port: { } port } || _node.Roll.At(host, port) is not { } called)
            throw new InvalidAssociationException($"no node of the cluster is at {remoteAddress}");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        patience.CancelAfter(ConnectWithin);
        try
        {
            var connection = await _connections.DialAsync(called, host, port, patience.Token).ConfigureAwait(false);
            return Open(connection, called, remoteAddress);
        }
        catch (Exception failed)
        {
            if (failed is PeerRefusedException or CorruptDataException)
                _node.Health.WarnNowAndThen("control", $"hung up on node {called} at {Port}: {failed.Message}");
            throw new InvalidAssociationException($"there is no connection to node {called}: {failed.Message}");
        }
    }

    public override async Task<bool> Shutdown()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener?.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var association in _associations.Keys) association.HangUp("the node stops");
        return true;
    }

    private static string HostOf(IPAddress address) => address.IsIPv4MappedToIPv6 ? $"{address.MapToIPv4()}"
        : address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]"
        : $"{address}";

    private Address AddressAt(string host, int port) => new(SchemeIdentifier, System.Name, host, port);

    private async Task AcceptAsync(PortListener listener)
    {
        // Nobody would take them before.
        var associations = await _listening.Task.WaitAsync(_stopping.Token).ConfigureAwait(false);
        await listener.RunAsync(
            "control", $"the port {_node.Settings.PeerPort}", accepted => TakeAsync(accepted, associations), _stopping.Token)
            .ConfigureAwait(false);
    }

    private async Task TakeAsync(Socket accepted, IAssociationEventListener associations)
    {
        var peer = Sockets.PeerOf(accepted);
        ConnectionGate.Entry? entry = null;
        try
        {
            entry = _node.Gate.TryEnter(accepted.RemoteEndPoint, () => Sockets.HangUp(accepted));
            if (entry is null)
            {
                accepted.Dispose();
                return;
            }

            // Akka tells connections apart by their ends.
            var from = accepted.RemoteEndPoint is IPEndPoint end ? AddressAt(HostOf(end.Address), end.Port) : _self;
            var (connection, caller) = await ProveAsync(accepted).ConfigureAwait(false);
            entry.Known();
            associations.Notify(new InboundAssociation(Open(connection, caller, from, entry)));
            entry = null;
        }
        catch (Exception refused) when (refused is PeerRefusedException or CorruptDataException or OperationCanceledException)
        {
            if (_stopping.IsCancellationRequested) return;
            _node.Refusals.Note(Port, peer, refused is OperationCanceledException ? "it does not say who it is" : refused.Message);
        }
        catch (AuthenticationException refused)
        {
            _node.Refusals.Note(Port, peer, TlsHandshake.Reason(refused));
        }
        catch (Exception lost) when (lost is IOException or SocketException or ObjectDisposedException)
        {
            // The other end is gone.
        }
        catch (Exception unexpected)
        {
            _node.Health.CallFailed(Port, $"a connection of {peer}", unexpected);
        }
        finally
        {
            entry?.Dispose();
        }
    }

    private async Task<(FrameConnection Connection, NodeId Caller)> ProveAsync(Socket accepted)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        patience.CancelAfter(_node.Settings.Connections.HandshakeWithin);
        accepted.NoDelay = true;
        var connection = new FrameConnection(
            await _connections.OpenAsync(accepted, patience.Token).ConfigureAwait(false), _node.Settings.FrameBytes);
        try
        {
            return (connection, await AnswerAsync(connection, patience.Token).ConfigureAwait(false));
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<NodeId> AnswerAsync(FrameConnection connection, CancellationToken cancelled)
    {
        if (await connection.ReadFirstAsync(Hello.MaxBytes, cancelled).ConfigureAwait(false) is not { } first)
            throw new IOException("it has hung up");
        var hello = Hello.Decode(first);
        await _connections.AnswerAsync(connection, hello, cancelled).ConfigureAwait(false);
        return hello.Caller!.Value;
    }

    private ControlAssociation Open(FrameConnection connection, NodeId node, Address remote, IDisposable? entry = null)
    {
        var association = new ControlAssociation(
            _self, remote, connection, origin => ProblemOf(node, origin),
            why => _node.Refusals.Note(Port, $"node {node}, {connection.Peer}", why));
        _associations[association] = 0;
        _ = RunAsync(association, node, entry);
        return association;
    }

    private string? ProblemOf(NodeId node, (string Host, int Port)? origin) => _node.Roll.WhyNotForAkka(node)
        ?? (origin is { } said && _node.Roll.AddressOf(node) != said
            ? $"node {node} says that it is at {said.Host}:{said.Port}, which is not its address"
            : null);

    private async Task RunAsync(ControlAssociation association, NodeId node, IDisposable? entry)
    {
        try
        {
            await association.RunAsync().ConfigureAwait(false);
        }
        catch (Exception unexpected)
        {
            _node.Health.CallFailed(Port, $"the connection to node {node}", unexpected);
        }
        finally
        {
            _associations.TryRemove(association, out _);
            entry?.Dispose();
        }
    }
}

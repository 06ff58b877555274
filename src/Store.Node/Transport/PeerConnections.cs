using System.Net.Sockets;
using System.Security.Authentication;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Faults;
using Gossipdb.Node.Security;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Transport;

/// <summary>How connections come about at one of a node's two ports for nodes: encrypted where the node speaks TLS, and greeted.</summary>
/// <param name="settings">The largest frames.</param>
/// <param name="certificates">What is encrypted with, if anything is.</param>
/// <param name="greeting">How nodes show who they are.</param>
/// <param name="faults">What is wrong with the links, for an experiment.</param>
/// <param name="port">Which port it is.</param>
internal sealed class PeerConnections(
    NodeSettings settings, NodeCertificates certificates, PeerGreeting greeting, NodeFaults faults, PeerPort port)
{
    /// <summary>Calls another node.</summary>
    /// <exception cref="SocketException">There is nobody.</exception>
    /// <exception cref="IOException">The link is cut, or who is there has hung up.</exception>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    /// <exception cref="CorruptDataException">Who is there says what makes no sense, or speaks no TLS.</exception>
    /// <exception cref="PeerRefusedException">Who is there is not that node, or refuses this one.</exception>
    public async Task<FrameConnection> DialAsync(NodeId called, string host, int number, CancellationToken cancelled)
    {
        var link = faults.LinkTo(called);

        // Of a connection packets go both ways.
        if (link is { IsCut: true }) throw new IOException($"the link to node {called} is cut");
        var socket = await Sockets.ConnectAsync(host, number, cancelled).ConfigureAwait(false);
        var transport = certificates.IsOn
            ? await SecureAsync(called, socket, cancelled).ConfigureAwait(false)
            : SocketTransport.Plain(socket);
        var connection = new FrameConnection(transport, settings.FrameBytes);
        connection.Over(link);
        try
        {
            await greeting.CallAsync(connection, port, called, cancelled).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What carries a connection that was taken. What is encrypted is so before anything else is said.</summary>
    /// <exception cref="AuthenticationException">The caller does not speak TLS, or its certificate is no good.</exception>
    public async Task<FrameTransport> OpenAsync(Socket accepted, CancellationToken cancelled) => certificates.IsOn
        ? await TlsHandshake.AcceptAsync(accepted, certificates, cancelled).ConfigureAwait(false)
        : SocketTransport.Plain(accepted);

    /// <summary>Answers a node's hello, also where it is not listened to: then it is told why, if it may know.</summary>
    /// <exception cref="PeerRefusedException">It is not the node that it says, or not listened to.</exception>
    /// <exception cref="CorruptDataException">It says what makes no sense.</exception>
    /// <exception cref="IOException">It has hung up, or the link to it is cut.</exception>
    public async Task AnswerAsync(FrameConnection connection, Hello hello, CancellationToken cancelled)
    {
        if (hello.Caller is { } caller && faults.LinkTo(caller) is { } link)
        {
            if (link.IsCut) throw new IOException($"the link to node {caller} is cut");
            connection.Over(link);
        }

        try
        {
            await greeting.AnswerAsync(connection, port, hello, cancelled).ConfigureAwait(false);
        }
        catch (PeerRefusedException refused) when (refused.Told is { } told)
        {
            await PeerGreeting.RefuseAsync(connection, $"node {settings.Id}: {told}", cancelled).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<SocketTransport> SecureAsync(NodeId called, Socket socket, CancellationToken cancelled)
    {
        string? problem = null;
        try
        {
            return await TlsHandshake.ConnectAsync(
                socket,
                certificates.PeerOptions(called, refused => problem = refused),
                new PeerIdentity(called, User: null),
                cancelled).ConfigureAwait(false);
        }
        catch (AuthenticationException refused)
        {
            throw new CorruptDataException(problem ?? TlsHandshake.Reason(refused));
        }
    }
}

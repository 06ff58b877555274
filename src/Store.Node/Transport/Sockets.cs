using System.Net.Sockets;

namespace Gossipdb.Node.Transport;

/// <summary>What is done with sockets at every port.</summary>
internal static class Sockets
{
    /// <summary>Connects.</summary>
    /// <exception cref="SocketException">There is nobody.</exception>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    public static async Task<Socket> ConnectAsync(string host, int port, CancellationToken cancelled)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancelled).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Who is at the other end, for people.</summary>
    public static string PeerOf(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint?.ToString() ?? "nobody";
        }
        catch (SocketException)
        {
            return "nobody"; // it is gone already
        }
    }

    /// <summary>Ends a connection: what is under way fails.</summary>
    public static void HangUp(Socket socket)
    {
        try
        {
            // Else what is under way would not hear of it.
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }

        socket.Dispose();
    }
}

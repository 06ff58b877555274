using System.Net.Sockets;
using Gossipdb.Node.Configuration;

namespace Gossipdb.Node;

/// <summary>What a node makes sure of before it starts.</summary>
internal static class StartChecks
{
    /// <summary>Takes the data directory for this process alone, until the stream is closed.</summary>
    /// <exception cref="ConfigurationProblem">It cannot be used, or another process uses it.</exception>
    public static FileStream ClaimDirectory(NodeSettings settings)
    {
        try
        {
            Directory.CreateDirectory(settings.DataDirectory);
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationProblem($"gossipdb.node.data-dir {settings.DataDirectory} cannot be used: {unusable.Message}");
        }

        return DataDirectoryClaim.Take(settings.DataDirectory);
    }

    /// <summary>Refuses to start where another process listens on one of the ports.</summary>
    /// <exception cref="ConfigurationProblem">One does.</exception>
    public static void RefuseTakenPorts(NodeSettings settings)
    {
        foreach (var (key, port) in new[]
        {
            ("client-port", settings.ClientPort),
            ("http-port", settings.HttpPort),
            ("peer-port", settings.PeerPort),
            ("data-port", settings.DataPort),
        })
        {
            try
            {
                using var probe = new TcpListener(settings.ListenAddress, port);
                probe.Start();
            }
            catch (SocketException taken)
            {
                throw new ConfigurationProblem(
                    $"gossipdb.node.{key}: port {port} on {settings.Host} cannot be listened on: {taken.Message}");
            }
        }
    }
}

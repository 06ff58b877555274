using System.Net;
using System.Net.Sockets;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Tests.Fakes;

/// <summary>What nodes do other than answer.</summary>
internal static class FakeAnswers
{
    /// <summary>What an attempt has in common with the ones before it.</summary>
    public static (ulong Client, ulong Number, long Deadline) NameOf(Request request) =>
        (request.Operation.Client, request.Operation.Number, request.Operation.DeadlineUnixMs);

    public static Func<Request, Task<Reply?>> Refuse(ErrorCode code) => _ => Task.FromResult<Reply?>(new Reply
    {
        Error = new Error { Code = code, Message = "scripted", Required = 2, Reachable = 1 },
    });

    public static Func<Request, Task<Reply?>> DropConnection(FakeNode node) => _ =>
    {
        node.DropConnections();
        return Task.FromResult<Reply?>(null);
    };

    /// <summary>Where nobody listens.</summary>
    public static string UnusedEndpoint()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
    }
}

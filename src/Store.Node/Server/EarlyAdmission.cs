using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;
using Gossipdb.Node.Configuration;
using Gossipdb.Protocol;
using Grpc.Core;

namespace Gossipdb.Node.Server;

/// <summary>
/// Admits single calls that carry much by the length their frame begins with: what a node has no room for is refused before it is
/// received, and what is being received counts as in flight.
/// </summary>
/// <param name="limits">Where it counts.</param>
/// <param name="account">The client's connection.</param>
/// <param name="bytes">The length.</param>
internal sealed class EarlyAdmission(Admission limits, CallerAccount account, int bytes)
{
    private const string Path = "/gossipdb.v1.Gossipdb/Execute";
    private const int HeadBytes = 5;

    // Less is counted once it is there.
    private const int FromBytes = 16 * 1024;
    private static readonly object Key = new();
    private int _isReleased;

    /// <summary>Admits a call, or refuses it.</summary>
    public static async Task RunAsync(HttpContext http, Func<Task> next)
    {
        if (http.Request.Path != Path || await LengthAsync(http) is not (>= FromBytes and var length))
        {
            await next();
            return;
        }

        var limits = http.RequestServices.GetRequiredService<Admission>();
        var account = http.Features.Get<CallerAccount>() ?? new CallerAccount();
        var admission = new EarlyAdmission(limits, account, (int)Math.Min(length, int.MaxValue));
        try
        {
            if (limits.Reserve(account, admission.Bytes) is { } overloaded)
            {
                await RefuseAsync(http, overloaded);
                return;
            }

            http.Items[Key] = admission;
            await next();
        }
        finally
        {
            admission.Release();
        }
    }

    /// <summary>The request of a call is there, and counts by itself from now on.</summary>
    public static void Received(ServerCallContext context)
    {
        if (context.GetHttpContext().Items.TryGetValue(Key, out var admission)) ((EarlyAdmission)admission!).Release();
    }

    private int Bytes => bytes;

    private void Release()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 0) limits.Unreserve(account, bytes);
    }

    // Only looked at: gRPC reads it again.
    private static async ValueTask<long> LengthAsync(HttpContext http)
    {
        var read = await http.Request.BodyReader.ReadAtLeastAsync(HeadBytes, http.RequestAborted);
        var length = -1L;
        if (read.Buffer.Length >= HeadBytes)
        {
            Span<byte> head = stackalloc byte[HeadBytes];
            read.Buffer.Slice(0, HeadBytes).CopyTo(head);
            length = BinaryPrimitives.ReadUInt32BigEndian(head[1..]);
        }

        http.Request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.Start);
        return length <= http.RequestServices.GetRequiredService<NodeSettings>().MaxMessageBytes ? length : -1;
    }

    private static async Task RefuseAsync(HttpContext http, string why)
    {
        var reply = new Reply { Error = new Error { Code = ErrorCode.Overloaded, Message = why } }.ToByteArray();
        var head = new byte[HeadBytes];
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(1), reply.Length);
        http.Response.ContentType = "application/grpc";
        await http.Response.BodyWriter.WriteAsync(head);
        await http.Response.BodyWriter.WriteAsync(reply);
        http.Response.AppendTrailer("grpc-status", "0");
    }
}

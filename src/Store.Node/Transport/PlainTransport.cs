using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Gossipdb.Node.Transport;

/// <summary>Bytes as they are.</summary>
internal sealed class PlainTransport(ConnectionContext connection) : FrameTransport
{
    public override string Peer { get; } = connection.RemoteEndPoint?.ToString() ?? "nobody";

    public override PipeReader Input => connection.Transport.Input;

    public override bool Copies => true;

    public override ValueTask<FlushResult> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        var output = connection.Transport.Output;
        output.Write(bytes.Span);
        return output.FlushAsync();
    }

    public override void Abort(string because) => connection.Abort(new ConnectionAbortedException(because));

    public override ValueTask DisposeAsync() => connection.DisposeAsync();
}

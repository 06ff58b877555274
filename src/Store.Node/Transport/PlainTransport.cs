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

    public override ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        var output = connection.Transport.Output;
        output.Write(bytes.Span);
        var flush = output.FlushAsync();
        return flush.IsCompletedSuccessfully ? new(!flush.Result.IsCompleted) : WaitAsync(flush);
    }

    public override void Abort(string because) => connection.Abort(new ConnectionAbortedException(because));

    public override ValueTask DisposeAsync() => connection.DisposeAsync();

    private static async ValueTask<bool> WaitAsync(ValueTask<FlushResult> flush) => !(await flush.ConfigureAwait(false)).IsCompleted;
}

using Grpc.Core;

namespace Gossipdb.Node.Server;

/// <summary>Writing to a stream that may have to end with a reason.</summary>
internal static class StreamWriting
{
    /// <summary>
    /// Writes a message whole, unless the stream is to end by now. gRPC resets a stream where the token of a write is cancelled, and then
    /// the client is not told why it ends. So the write itself has none.
    /// </summary>
    /// <exception cref="OperationCanceledException">The stream is to end.</exception>
    public static Task WriteWholeAsync<T>(this IServerStreamWriter<T> stream, T message, CancellationToken ended)
    {
        ended.ThrowIfCancellationRequested();
        return stream.WriteAsync(message, CancellationToken.None);
    }
}

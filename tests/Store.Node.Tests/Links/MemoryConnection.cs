using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Gossipdb.Node.Transport;

namespace Gossipdb.Node.Tests.Links;

/// <summary>
/// A connection in memory, seen from its other end. What is fed is read, and what is flushed is there, on the thread that does so.
/// </summary>
internal sealed class MemoryConnection : FrameTransport
{
    private readonly Pipe _toNode;
    private readonly Pipe _fromNode;

    /// <param name="maxFrameBytes">The largest frame that is taken in.</param>
    /// <param name="segmentBytes">What is fed comes in segments of so many bytes.</param>
    /// <param name="holdsBytes">From so many bytes on that nobody has taken a flush is not over; 0 for no bound.</param>
    public MemoryConnection(int maxFrameBytes = 1 << 20, int segmentBytes = 4_096, int holdsBytes = 0)
    {
        _toNode = new Pipe(Options(segmentBytes, holdsBytes: 0));
        _fromNode = new Pipe(Options(segmentBytes: 4_096, holdsBytes));
        Frames = new FrameConnection(this, maxFrameBytes);
    }

    public override string Peer => "memory";

    public override PipeReader Input => _toNode.Reader;

    /// <summary>The node's end.</summary>
    public FrameConnection Frames { get; }

    /// <summary>Why the node has closed it; null while it has not.</summary>
    public string? ClosedBecause { get; private set; }

    /// <summary>A frame as it is on the wire.</summary>
    public static byte[] Framed(ReadOnlySpan<byte> frame)
    {
        var bytes = new byte[FrameConnection.LengthBytes + frame.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, frame.Length);
        frame.CopyTo(bytes.AsSpan(FrameConnection.LengthBytes));
        return bytes;
    }

    /// <summary>Sends bytes to the node.</summary>
    public void Feed(params ReadOnlySpan<byte> bytes)
    {
        _toNode.Writer.Write(bytes);
        Assert.True(_toNode.Writer.FlushAsync().AsTask().IsCompletedSuccessfully);
    }

    /// <summary>Sends nothing any more.</summary>
    public void End(Exception? lost = null) => _toNode.Writer.Complete(lost);

    /// <summary>Takes nothing any more.</summary>
    public void StopTaking() => _fromNode.Reader.Complete();

    /// <summary>Whether the node has sent nothing that was not taken.</summary>
    public bool IsEmpty
    {
        get
        {
            if (!_fromNode.Reader.TryRead(out var read)) return true;
            _fromNode.Reader.AdvanceTo(read.Buffer.Start);
            return read.Buffer.IsEmpty;
        }
    }

    /// <summary>The next frame that the node has sent; null where there is none.</summary>
    public byte[]? Next()
    {
        if (IsEmpty) return null;
        _fromNode.Reader.TryRead(out var read);
        var length = BinaryPrimitives.ReadInt32LittleEndian(read.Buffer.Slice(0, FrameConnection.LengthBytes).ToArray());
        var frame = read.Buffer.Slice(FrameConnection.LengthBytes, length);
        var bytes = frame.ToArray();
        _fromNode.Reader.AdvanceTo(frame.End);
        return bytes;
    }

    // What waits for it goes on at once, on the thread that takes: a task would not do so in a test.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        if ((await _fromNode.Writer.WriteAsync(bytes).ConfigureAwait(false)).IsCompleted) throw new IOException("the other end is gone");
    }

    public override void Abort(string because)
    {
        ClosedBecause ??= because;
        _toNode.Writer.Complete(new IOException(because));
    }

    public override async ValueTask DisposeAsync()
    {
        await _toNode.Reader.CompleteAsync();
        await _fromNode.Writer.CompleteAsync();
    }

    private static PipeOptions Options(int segmentBytes, int holdsBytes) => new(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: holdsBytes,
        resumeWriterThreshold: holdsBytes == 0 ? 0 : 1,
        minimumSegmentSize: segmentBytes,
        useSynchronizationContext: false);
}

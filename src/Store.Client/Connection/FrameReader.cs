using System.Buffers.Binary;

namespace Gossipdb.Client.Connection;

/// <summary>Cuts what comes from a stream into frames. A buffer that a very large frame has grown is not kept.</summary>
internal sealed class FrameReader(Stream stream, int maxFrameBytes)
{
    private const int FirstBytes = 64 * 1024;
    private const int MostKeptBytes = 1024 * 1024;
    private byte[] _buffer = new byte[FirstBytes];
    private int _start;
    private int _end;

    /// <summary>Reads more.</summary>
    /// <returns>False where the stream has ended.</returns>
    /// <exception cref="InvalidDataException">It ended within a frame.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellation = default)
    {
        MakeRoom();
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellation).ConfigureAwait(false);
        _end += read;
        return read > 0 || _start == _end ? read > 0 : throw new InvalidDataException("the node closed the connection within a frame");
    }

    /// <summary>The next frame, where all of it is there. Valid until the next read.</summary>
    /// <exception cref="InvalidDataException">It is longer than allowed.</exception>
    public bool TryTake(out ReadOnlySpan<byte> frame)
    {
        frame = default;
        if (NeededBytes() is var needed && _end - _start < needed)
            return false;
        frame = _buffer.AsSpan(_start + Frames.LengthBytes, needed - Frames.LengthBytes);
        _start += needed;
        return true;
    }

    // Of the next frame with its length, as far as that is known.
    private int NeededBytes()
    {
        if (_end - _start < Frames.LengthBytes)
            return Frames.LengthBytes;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(_start));
        return length <= (uint)maxFrameBytes
            ? Frames.LengthBytes + (int)length
            : throw new InvalidDataException($"the node sent a frame of {length} bytes; the limit is {maxFrameBytes}");
    }

    // Grows with what has come, never with what a length promises.
    private void MakeRoom()
    {
        var held = _end - _start;
        var needed = NeededBytes();
        var size = _buffer.Length > MostKeptBytes && needed <= MostKeptBytes ? FirstBytes
            : held == _buffer.Length ? (int)Math.Min(2L * held, needed)
            : _buffer.Length;
        if (size == _buffer.Length && _start + needed <= size && held > 0)
            return;
        var buffer = size == _buffer.Length ? _buffer : new byte[size];
        if (buffer != _buffer || _start > 0)
            Buffer.BlockCopy(_buffer, _start, buffer, 0, held);
        (_buffer, _start, _end) = (buffer, 0, held);
    }
}

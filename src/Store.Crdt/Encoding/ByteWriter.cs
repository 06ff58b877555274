using System.Buffers;
using System.Buffers.Binary;

namespace Gossipdb.Crdt.Encoding;

/// <summary>
/// A growing buffer of little-endian fixed integers, LEB128 varints and length-prefixed byte strings.
/// Reuse it with <see cref="Clear"/>.
/// </summary>
public sealed class ByteWriter
{
    private const int MostKept = 1024 * 1024;
    private readonly ArrayPool<byte>? _pool;
    private byte[] _buffer;
    private int _length;

    /// <summary>An empty writer with room for <paramref name="capacity"/> bytes.</summary>
    public ByteWriter(int capacity = 256) => _buffer = new byte[capacity];

    /// <summary>
    /// An empty writer whose room is lent. It is given back with <see cref="Release"/>, and as the writer grows: what was written is gone
    /// from where it was with the next write.
    /// </summary>
    public ByteWriter(ArrayPool<byte> pool) => (_pool, _buffer) = (pool, []);

    /// <summary>How many bytes were written.</summary>
    public int Length => _length;

    /// <summary>What was written, valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>The same, for who needs it longer than a call. What it is given to must be done with it before the next write.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _length);

    /// <summary>
    /// Forgets what was written and keeps the buffer, unless something unusually large has grown it.
    /// Writers live as long as partitions, and there are many.
    /// </summary>
    public void Clear()
    {
        _length = 0;
        if (_pool is null && _buffer.Length > MostKept) _buffer = new byte[256];
    }

    /// <summary>Forgets what was written, and gives back what was lent.</summary>
    public void Release()
    {
        _length = 0;
        if (_pool is null || _buffer.Length == 0) return;
        _pool.Return(_buffer);
        _buffer = [];
    }

    /// <summary>A copy of what was written.</summary>
    public byte[] ToArray() => Written.ToArray();

    /// <summary>One byte.</summary>
    public void WriteByte(byte value)
    {
        Reserve(1);
        _buffer[_length++] = value;
    }

    /// <summary>One byte, 0 or 1.</summary>
    public void WriteBool(bool value) => WriteByte(value ? (byte)1 : (byte)0);

    /// <summary>An unsigned LEB128 varint: 1 to 10 bytes.</summary>
    public void WriteVarint(ulong value)
    {
        Reserve(10);
        while (value >= 0x80)
        {
            _buffer[_length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[_length++] = (byte)value;
    }

    /// <summary>A signed integer, zigzag-coded as a varint.</summary>
    public void WriteSigned(long value) => WriteVarint((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>A signed integer of 128 bits, zigzag-coded: the low half as a varint, then the high half.</summary>
    internal void WriteSigned128(Int128 value)
    {
        var zigzag = (UInt128)((value << 1) ^ (value >> 127));
        WriteVarint((ulong)zigzag);
        WriteVarint((ulong)(zigzag >> 64));
    }

    /// <summary>Eight bytes, little-endian.</summary>
    public void WriteFixed64(ulong value)
    {
        Reserve(8);
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.AsSpan(_length), value);
        _length += 8;
    }

    /// <summary>Bytes as they are, without a length.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Room for bytes that are written by whoever asks, all of them and before the next write.</summary>
    public Span<byte> Take(int bytes)
    {
        Reserve(bytes);
        var taken = _buffer.AsSpan(_length, bytes);
        _length += bytes;
        return taken;
    }

    /// <summary>The length as a varint, then the bytes.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteVarint((ulong)bytes.Length);
        WriteRaw(bytes);
    }

    private void Reserve(int more)
    {
        if (_buffer.Length - _length < more) Grow(Math.Max(_buffer.Length * 2, _length + more));
    }

    private void Grow(int capacity)
    {
        if (_pool is null)
        {
            Array.Resize(ref _buffer, capacity);
            return;
        }

        var larger = _pool.Rent(capacity);
        Written.CopyTo(larger);
        if (_buffer.Length > 0) _pool.Return(_buffer);
        _buffer = larger;
    }
}

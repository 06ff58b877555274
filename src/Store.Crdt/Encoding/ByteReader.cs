using System.Buffers.Binary;

namespace Gossipdb.Crdt.Encoding;

/// <summary>
/// Reads what <see cref="ByteWriter"/> wrote. Every length is checked against what is left before anything is allocated, so hostile
/// bytes cost no more than their own size.
/// </summary>
public ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>How many bytes are left.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>One byte.</summary>
    public byte ReadByte() => Take(1)[0];

    /// <summary>A byte that must be 0 or 1.</summary>
    public bool ReadBool() => ReadByte() switch
    {
        0 => false,
        1 => true,
        var other => throw new CorruptDataException($"a flag has the value {other}"),
    };

    /// <summary>An unsigned varint in its shortest form.</summary>
    public ulong ReadVarint()
    {
        ulong value = 0;
        for (var i = 0; i < 10; i++)
        {
            var next = ReadByte();
            if (i == 9 && next > 1) break;
            value |= (ulong)(next & 0x7f) << (7 * i);
            if (next >= 0x80) continue;
            if (next == 0 && i > 0) throw new CorruptDataException("a varint is not in its shortest form");
            return value;
        }

        throw new CorruptDataException("a varint is longer than 64 bits");
    }

    /// <summary>Reads a varint that is 0. Where the next one is not, nothing is read.</summary>
    internal bool TryReadZero()
    {
        if (_rest.IsEmpty || _rest[0] != 0) return false;
        _rest = _rest[1..];
        return true;
    }

    /// <summary>A zigzag-coded signed varint.</summary>
    public long ReadSigned()
    {
        var value = ReadVarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A zigzag-coded signed integer of 128 bits.</summary>
    internal Int128 ReadSigned128()
    {
        var low = ReadVarint();
        var value = new UInt128(ReadVarint(), low);
        return (Int128)(value >> 1) ^ -(Int128)(value & 1);
    }

    /// <summary>Eight bytes, little-endian.</summary>
    public ulong ReadFixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>
    /// A count of things that take at least <paramref name="minimumBytesEach"/> bytes each. It is refused where they cannot fit in what
    /// is left.
    /// </summary>
    public int ReadCount(int minimumBytesEach)
    {
        var count = ReadVarint();
        if (count > (ulong)(_rest.Length / Math.Max(1, minimumBytesEach)))
            throw new CorruptDataException($"a count of {count} does not fit in the {_rest.Length} bytes left");
        return (int)count;
    }

    /// <summary>A length-prefixed byte string, without a copy.</summary>
    public ReadOnlySpan<byte> ReadSpan() => Take(ReadCount(1));

    /// <summary>A length-prefixed byte string, copied.</summary>
    public Bytes ReadBytes() => new(ReadSpan());

    /// <summary>The next <paramref name="length"/> bytes as they are.</summary>
    public ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)_rest.Length) throw new CorruptDataException($"{length} bytes wanted, {_rest.Length} left");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    /// <summary>Refuses bytes after the end of what was to be read.</summary>
    public readonly void ExpectEnd()
    {
        if (!_rest.IsEmpty) throw new CorruptDataException($"{_rest.Length} bytes after the end");
    }
}

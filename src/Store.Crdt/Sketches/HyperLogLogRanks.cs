using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Sketches;

/// <summary>
/// The highest rank of each register of a HyperLogLog. It is a sorted list while few registers have one.
/// It is an array of all of them once a list would weigh as much.
/// On the wire likewise: at most three bytes a register, or six bits for each.
/// </summary>
internal sealed class HyperLogLogRanks
{
    internal const int Precision = 14;
    internal const int Registers = 1 << Precision;

    /// <summary>The highest rank: 50 bits that are all zero, and one beyond.</summary>
    internal const int MaxRank = 64 - Precision + 1;

    /// <summary>Above so many ranks the array is taken.</summary>
    internal const int MaxListed = 4096;

    private const int PackedBytes = Registers * 6 / 8;

    // Register in the high bits, rank in the low eight; ascending. Not used where there is an array.
    private List<int>? _listed = [];
    private byte[] _array = [];

    /// <summary>How many registers have a rank.</summary>
    internal int Count { get; private set; }

    internal byte this[int register]
    {
        get
        {
            if (_listed is null) return _array[register];
            var place = PlaceOf(register);
            return place >= 0 ? (byte)_listed[place] : (byte)0;
        }
    }

    /// <summary>Gives a register a rank, or takes it away with 0.</summary>
    internal void Set(int register, byte rank)
    {
        if (_listed is null)
        {
            Count += Math.Sign(rank) - Math.Sign(_array[register]);
            _array[register] = rank;
            if (Count <= MaxListed) ToList();
            return;
        }

        var place = PlaceOf(register);
        if (rank == 0 && place >= 0) _listed.RemoveAt(place);
        else if (rank > 0 && place >= 0) _listed[place] = (register << 8) | rank;
        else if (rank > 0) _listed.Insert(~place, (register << 8) | rank);
        Count = _listed.Count;
        if (Count > MaxListed) ToArray();
    }

    /// <summary>The first register at or above <paramref name="from"/> that has a rank; false where there is none.</summary>
    internal bool TryNext(int from, out int register, out byte rank)
    {
        register = from;
        if (_listed is null)
        {
            while (register < Registers && _array[register] == 0) register++;
            rank = register < Registers ? _array[register] : (byte)0;
            return rank > 0;
        }

        var place = PlaceOf(from);
        if (place < 0) place = ~place;
        rank = place < _listed.Count ? (byte)_listed[place] : (byte)0;
        if (rank > 0) register = _listed[place] >> 8;
        return rank > 0;
    }

    internal HyperLogLogRanks Copy() => new() { _listed = _listed is null ? null : [.. _listed], _array = [.. _array], Count = Count };

    internal void Encode(ByteWriter writer)
    {
        writer.WriteVarint((ulong)Count);
        if (_listed is null)
        {
            EncodeArray(writer);
            return;
        }

        var next = 0;
        foreach (var item in _listed)
        {
            writer.WriteVarint((ulong)((item >> 8) - next));
            writer.WriteByte((byte)item);
            next = (item >> 8) + 1;
        }
    }

    internal static HyperLogLogRanks Decode(ref ByteReader reader)
    {
        var count = reader.ReadVarint();
        if (count > Registers) throw new CorruptDataException($"{count} registers of {Registers} have a rank");
        return count > MaxListed ? DecodeArray(ref reader, (int)count) : DecodeList(ref reader, (int)count);
    }

    internal static byte DecodeRank(ref ByteReader reader)
    {
        var rank = reader.ReadByte();
        return rank is > 0 and <= MaxRank ? rank : throw new CorruptDataException($"a rank is {rank}");
    }

    /// <summary>Reads how many registers to go on by, from the one expected next.</summary>
    internal static int DecodeRegister(ref ByteReader reader, int next)
    {
        var gap = reader.ReadVarint();
        return gap < (ulong)(Registers - next) ? next + (int)gap : throw new CorruptDataException($"there are {Registers} registers");
    }

    private static HyperLogLogRanks DecodeList(ref ByteReader reader, int count)
    {
        if (count > reader.Remaining / 2) throw new CorruptDataException("more ranks than bytes for them");
        var listed = new List<int>(count);
        var next = 0;
        for (var i = 0; i < count; i++)
        {
            var register = DecodeRegister(ref reader, next);
            listed.Add((register << 8) | DecodeRank(ref reader));
            next = register + 1;
        }

        return new HyperLogLogRanks { _listed = listed, Count = count };
    }

    private static HyperLogLogRanks DecodeArray(ref ByteReader reader, int count)
    {
        var packed = reader.Take(PackedBytes);
        var ranks = new HyperLogLogRanks { _listed = null, _array = new byte[Registers] };
        for (var i = 0; i < Registers; i += 4)
        {
            var four = packed[i / 4 * 3] | (packed[(i / 4 * 3) + 1] << 8) | (packed[(i / 4 * 3) + 2] << 16);
            for (var j = 0; j < 4; j++)
            {
                var rank = (byte)((four >> (6 * j)) & 63);
                if (rank > MaxRank) throw new CorruptDataException($"a rank is {rank}");
                if (rank > 0) ranks.Count++;
                ranks._array[i + j] = rank;
            }
        }

        return ranks.Count == count ? ranks : throw new CorruptDataException("not as many registers have a rank as said");
    }

    private void EncodeArray(ByteWriter writer)
    {
        for (var i = 0; i < Registers; i += 4)
        {
            var four = _array[i] | (_array[i + 1] << 6) | (_array[i + 2] << 12) | (_array[i + 3] << 18);
            writer.WriteRaw([(byte)four, (byte)(four >> 8), (byte)(four >> 16)]);
        }
    }

    private int PlaceOf(int register)
    {
        // Ranks are above 0: what is searched for stands just before its register's item.
        var place = ~_listed!.BinarySearch(register << 8);
        return place < _listed.Count && _listed[place] >> 8 == register ? place : ~place;
    }

    private void ToArray()
    {
        _array = new byte[Registers];
        foreach (var item in _listed!) _array[item >> 8] = (byte)item;
        _listed = null;
    }

    private void ToList()
    {
        _listed = new List<int>(Count);
        for (var i = 0; i < Registers; i++)
        {
            if (_array[i] > 0) _listed.Add((i << 8) | _array[i]);
        }

        _array = [];
    }
}

using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Causality;

/// <summary>The bytes of dots and of what they are made of.</summary>
public static class DotEncoding
{
    /// <summary>Eight bytes.</summary>
    public static void WriteReplicaId(this ByteWriter writer, ReplicaId replica) => writer.WriteFixed64(replica.Value);

    /// <summary>Replica, then sequence.</summary>
    public static void WriteDot(this ByteWriter writer, Dot dot)
    {
        writer.WriteReplicaId(dot.Replica);
        writer.WriteVarint((ulong)dot.Sequence);
    }

    /// <summary>A replica id.</summary>
    public static ReplicaId ReadReplicaId(this ref ByteReader reader) => new(reader.ReadFixed64());

    /// <summary>A sequence: 1 to 2^62.</summary>
    public static long ReadSequence(this ref ByteReader reader)
    {
        var value = reader.ReadVarint();
        if (value is 0 or > 1UL << 62) throw new CorruptDataException($"a sequence is {value}");
        return (long)value;
    }

    /// <summary>A dot.</summary>
    public static Dot ReadDot(this ref ByteReader reader) => new(reader.ReadReplicaId(), reader.ReadSequence());
}

using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Node.Journal;

/// <summary>One persisted record: a version byte, then (partition, event) in the order they were applied.</summary>
internal static class JournalRecord
{
    private const byte Version = 1;

    /// <summary>Starts a record.</summary>
    public static void Begin(ByteWriter writer) => writer.WriteByte(Version);

    /// <summary>Appends an event of a partition.</summary>
    public static void Write(ByteWriter writer, int partition, byte[] encoded)
    {
        writer.WriteVarint((ulong)partition);
        writer.WriteBytes(encoded);
    }

    /// <summary>Reads a record back.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a record.</exception>
    public static List<(int Partition, byte[] Encoded)> Decode(byte[] record)
    {
        var reader = new ByteReader(record);
        var version = reader.ReadByte();
        if (version != Version) throw new CorruptDataException($"unknown journal record version {version}");
        var events = new List<(int, byte[])>();
        while (reader.Remaining > 0)
        {
            var partition = reader.ReadVarint();
            if (partition > int.MaxValue) throw new CorruptDataException($"a journal record names partition {partition}");
            events.Add(((int)partition, reader.ReadSpan().ToArray()));
        }

        return events;
    }
}

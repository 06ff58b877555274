using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Images;

/// <summary>The bytes of an image's slices: one key after the other, each with its objects or with word that it is gone.</summary>
internal static class ImageSlice
{
    /// <summary>Writes a key's objects, or what changed in them above <paramref name="since"/>.</summary>
    public static void Write(ByteWriter writer, Bytes key, KeyEntry entry, VersionVector since)
    {
        writer.WriteBytes(key.Span);
        writer.WriteBool(true);
        writer.WriteSigned(entry.LatestDeadlineMs);
        entry.Encode(writer, since);
    }

    /// <summary>Says that a key of an earlier slice is not there any more.</summary>
    public static void WriteGone(ByteWriter writer, Bytes key)
    {
        writer.WriteBytes(key.Span);
        writer.WriteBool(false);
    }

    /// <summary>Reads a slice into what was read before it. Later slices win.</summary>
    /// <exception cref="CorruptDataException">The bytes are not a slice.</exception>
    public static void Read(ReadOnlySpan<byte> slice, Dictionary<Bytes, KeyEntry> into)
    {
        var reader = new ByteReader(slice);
        while (reader.Remaining > 0)
        {
            var key = reader.ReadBytes();
            if (!reader.ReadBool())
            {
                into.Remove(key);
                continue;
            }

            var deadline = reader.ReadSigned();
            var entry = KeyEntry.Decode(ref reader);
            entry.LatestDeadlineMs = deadline;
            into[key] = entry;
        }
    }
}

using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>
/// How a record of a block is written: the key, the type's number, flags, until when the key lives in Unix milliseconds (0: for ever), and
/// the state. Byte strings have their length in front, as <see cref="BinaryWriter"/> writes it.
/// </summary>
internal static class BackupRecord
{
    private const byte Continues = 1;

    public static void Write(BinaryWriter writer, BackupEntry entry)
    {
        writer.Write7BitEncodedInt(entry.Key.Length);
        writer.Write(entry.Key.Span);
        writer.Write7BitEncodedInt((int)entry.Type);
        writer.Write(entry.Continues ? Continues : (byte)0);
        writer.Write7BitEncodedInt64(entry.ExpiresAt?.ToUnixTimeMilliseconds() ?? 0);
        writer.Write7BitEncodedInt(entry.State.Length);
        writer.Write(entry.State.Span);
    }

    /// <exception cref="FormatException">The bytes are no record.</exception>
    public static BackupEntry Read(BinaryReader reader)
    {
        var key = ReadBytes(reader);
        var type = reader.Read7BitEncodedInt();
        if (type < 0 || !Enum.IsDefined((StoredType)type)) throw new FormatException($"a record is of the type {type}, which is not known");
        var flags = reader.ReadByte();
        if (flags > Continues) throw new FormatException($"a record has the flags {flags}");
        var expires = reader.Read7BitEncodedInt64();
        return new BackupEntry(
            new Bytes(key), (StoredType)type, ReadBytes(reader), expires == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(expires),
            flags == Continues);
    }

    private static byte[] ReadBytes(BinaryReader reader)
    {
        var length = reader.Read7BitEncodedInt();
        if (length < 0 || length > reader.BaseStream.Length - reader.BaseStream.Position)
            throw new FormatException("a record goes past its block");
        return reader.ReadBytes(length);
    }
}

using System.Buffers.Binary;
using System.IO.Hashing;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Node.Journal;

/// <summary>
/// One persisted record: what several partitions appended, in the order they did. Behind the version byte stands a directory, which names
/// the journal, the length and the checksum (CRC-32) of each entry, and has a checksum itself. So damage is charged to the partitions
/// whose entries it hit. Version 1 had neither directory nor checksums.
/// </summary>
internal static class JournalRecord
{
    /// <summary>The version of records that had no checksums.</summary>
    public const byte Unchecked = 1;

    private const byte Version = 2;
    private const int ChecksumBytes = 4;

    // A journal's number, a length, a checksum.
    private const int LeastOfEntry = 2 + ChecksumBytes;

    /// <summary>What a record holds of one journal.</summary>
    /// <param name="Journal">Whose it is (<see cref="IJournalOwners"/>).</param>
    /// <param name="Encoded">Its bytes; null where they are damaged.</param>
    public readonly record struct Entry(int Journal, byte[]? Encoded);

    /// <summary>Gathers the entries of a record. Not for several threads.</summary>
    public sealed class Builder
    {
        private readonly ByteWriter _count = new(10);
        private readonly ByteWriter _directory = new(4 * 1024);
        private readonly List<byte[]> _entries = [];
        private long _bodies;

        /// <summary>How many bytes the record has by now.</summary>
        public long Length => 1 + 10 + _directory.Length + ChecksumBytes + _bodies;

        /// <summary>Appends an entry. Its bytes are kept until the record is made, and must not change.</summary>
        public void Add(int journal, byte[] encoded)
        {
            _directory.WriteVarint((ulong)journal);
            _directory.WriteVarint((ulong)encoded.Length);
            Span<byte> checksum = stackalloc byte[ChecksumBytes];
            BinaryPrimitives.WriteUInt32LittleEndian(checksum, Crc32.HashToUInt32(encoded));
            _directory.WriteRaw(checksum);
            _entries.Add(encoded);
            _bodies += encoded.Length;
        }

        /// <summary>The record. The builder is empty afterwards.</summary>
        public byte[] Make()
        {
            _count.Clear();
            _count.WriteVarint((ulong)_entries.Count);
            var count = _count.Written;
            var body = 1 + count.Length + _directory.Length + ChecksumBytes;
            var record = new byte[body + _bodies];
            record[0] = Version;
            count.CopyTo(record.AsSpan(1));
            _directory.Written.CopyTo(record.AsSpan(1 + count.Length));
            BinaryPrimitives.WriteUInt32LittleEndian(
                record.AsSpan(body - ChecksumBytes), Crc32.HashToUInt32(record.AsSpan(1, body - 1 - ChecksumBytes)));
            foreach (var entry in _entries)
            {
                entry.CopyTo(record, body);
                body += entry.Length;
            }

            _directory.Clear();
            _entries.Clear();
            _bodies = 0;
            return record;
        }
    }

    /// <summary>Reads a record back, whoever's entries they are.</summary>
    /// <inheritdoc cref="TryDecode{TArg}"/>
    public static bool TryDecode(ReadOnlySpan<byte> record, List<Entry> entries) =>
        TryDecode(record, entries, false, static (_, _) => true);

    /// <summary>Reads back what a record holds of some journals. What is damaged is said, and never handed on.</summary>
    /// <param name="record">The record.</param>
    /// <param name="entries">Gets those entries, in their order.</param>
    /// <param name="arg">Handed on to <paramref name="isWanted"/>, so that nothing is captured.</param>
    /// <param name="isWanted">Whether a journal's entries are wanted. Others are neither copied nor checked.</param>
    /// <returns>False where it cannot be told whose entries are damaged: any of the node's journals may be.</returns>
    /// <exception cref="UnknownRecordVersionException">A newer version of this program has written it.</exception>
    public static bool TryDecode<TArg>(ReadOnlySpan<byte> record, List<Entry> entries, TArg arg, Func<TArg, int, bool> isWanted)
    {
        entries.Clear();

        // The directory vouches for itself, and so for a version byte that was hit.
        if (record.Length > 0 && TryDecodeChecked(record[1..], entries, arg, isWanted)) return true;
        entries.Clear();
        if (record.Length == 0 || record[0] == Version) return false;
        if (record[0] != Unchecked) throw new UnknownRecordVersionException(record[0]);
        try
        {
            DecodeUnchecked(record[1..], entries, arg, isWanted);
            return true;
        }
        catch (CorruptDataException)
        {
            return false;
        }
    }

    private static bool TryDecodeChecked<TArg>(ReadOnlySpan<byte> bytes, List<Entry> entries, TArg arg, Func<TArg, int, bool> isWanted)
    {
        try
        {
            var reader = new ByteReader(bytes);
            var directory = reader;
            for (var left = directory.ReadCount(LeastOfEntry); left > 0; left--)
            {
                directory.ReadVarint();
                directory.ReadVarint();
                directory.Take(ChecksumBytes);
            }

            var end = bytes.Length - directory.Remaining;
            if (BinaryPrimitives.ReadUInt32LittleEndian(directory.Take(ChecksumBytes)) != Crc32.HashToUInt32(bytes[..end])) return false;
            var body = end + ChecksumBytes;
            for (var left = reader.ReadCount(LeastOfEntry); left > 0; left--)
            {
                var journal = (int)reader.ReadVarint();
                var length = (int)reader.ReadVarint();
                var checksum = BinaryPrimitives.ReadUInt32LittleEndian(reader.Take(ChecksumBytes));

                if (isWanted(arg, journal))
                {
                    // A record that was cut short has less than its directory says.
                    var isWhole = body + length <= bytes.Length && Crc32.HashToUInt32(bytes.Slice(body, length)) == checksum;
                    entries.Add(new Entry(journal, isWhole ? bytes.Slice(body, length).ToArray() : null));
                }

                body += length;
            }

            return true;
        }
        catch (CorruptDataException)
        {
            return false;
        }
    }

    private static void DecodeUnchecked<TArg>(ReadOnlySpan<byte> bytes, List<Entry> entries, TArg arg, Func<TArg, int, bool> isWanted)
    {
        var reader = new ByteReader(bytes);
        while (reader.Remaining > 0)
        {
            var journal = reader.ReadVarint();
            if (journal > int.MaxValue) throw new CorruptDataException($"a journal record names partition {journal}");
            var encoded = reader.ReadSpan();
            if (isWanted(arg, (int)journal)) entries.Add(new Entry((int)journal, encoded.ToArray()));
        }
    }
}

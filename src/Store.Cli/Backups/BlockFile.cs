using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Gossipdb.Cli.Backups;

/// <summary>What a block of a backup's file holds.</summary>
internal enum BlockKind : byte
{
    /// <summary>What keys hold.</summary>
    Entries = 1,

    /// <summary>The hashes of keys that did not change: eight bytes each.</summary>
    Unchanged = 2,

    /// <summary>Nothing: the file is complete.</summary>
    End = 3,
}

/// <summary>A file of a backup cannot be read: the message names the file and what is wrong.</summary>
internal sealed class DamagedBackupException(string message) : IOException(message);

/// <summary>
/// The file of one partition: a head, then blocks. A block is its length (four bytes, little-endian, the content's), its kind, a checksum
/// and the content. The checksum is XxHash3 of kind and content. Its seed is drawn from the backup, the partition and the block's place in
/// the file. So neither another file nor another order passes for it.
/// </summary>
internal static class BlockFile
{
    public const int FormatVersion = 1;
    public const int BlockBytes = 256 << 10;

    // No block is longer: an object is told in parts, and what cannot be divided is smaller than a message.
    public const int MostBytes = 512 << 20;
    public const int HeaderBytes = sizeof(uint) + 1 + sizeof(ulong);

    /// <summary>What each file begins with: its last byte is the version of the format.</summary>
    public static ReadOnlySpan<byte> Head => "gossipdb backup\u0001"u8;

    /// <summary>What the checksums of a file are seeded with.</summary>
    public static ulong SeedOf(string backup, int partition) => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"{backup}/{partition}"));

    /// <summary>The checksum of a block.</summary>
    /// <param name="seed">The file's seed.</param>
    /// <param name="index">Its place in the file.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="content">What it holds.</param>
    public static ulong ChecksumOf(ulong seed, int index, BlockKind kind, ReadOnlySpan<byte> content)
    {
        var hash = new XxHash3((long)(seed + (ulong)index));
        hash.Append([(byte)kind]);
        hash.Append(content);
        return hash.GetCurrentHashAsUInt64();
    }

    /// <summary>Writes a block's header.</summary>
    public static void WriteHeader(Span<byte> into, int length, BlockKind kind, ulong checksum)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(into, (uint)length);
        into[sizeof(uint)] = (byte)kind;
        BinaryPrimitives.WriteUInt64LittleEndian(into[(sizeof(uint) + 1)..], checksum);
    }
}

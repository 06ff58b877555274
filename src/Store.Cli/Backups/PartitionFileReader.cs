using System.Buffers.Binary;
using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>Reads the file of one partition, block by block, and refuses what is not as it was written.</summary>
internal static class PartitionFileReader
{
    /// <summary>What the file holds. Each block was checked before anything of it is told.</summary>
    /// <param name="backup">The backup that the file is of.</param>
    /// <param name="part">What its manifest says of the file.</param>
    /// <exception cref="DamagedBackupException">The file is missing, or not as it was written.</exception>
    public static IEnumerable<PartitionBlock> Read(StoredBackup backup, PartitionBackup part)
    {
        if (part.File is null) yield break;
        var path = Path.Combine(backup.Directory, part.File);
        using var file = Open(path);
        if (file.Length != part.Bytes) throw new DamagedBackupException($"{path} has {file.Length} bytes; the manifest says {part.Bytes}");
        var head = new byte[BlockFile.Head.Length];
        Fill(file, head, path);
        if (!head.AsSpan().SequenceEqual(BlockFile.Head))
        {
            throw new DamagedBackupException(head.AsSpan(..^1).SequenceEqual(BlockFile.Head[..^1])
                ? $"{path} is of version {head[^1]} of the format; this program reads version {BlockFile.FormatVersion}"
                : $"{path} is no file of a backup");
        }

        var seed = BlockFile.SeedOf(backup.Manifest.Id, part.Partition);
        var header = new byte[BlockFile.HeaderBytes];
        for (var index = 0; ; index++)
        {
            Fill(file, header, path);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(header);
            var kind = (BlockKind)header[sizeof(uint)];
            if (length > BlockFile.MostBytes || length > file.Length - file.Position) throw Damaged(path, index, "its length is wrong");
            var content = new byte[length];
            Fill(file, content, path);
            var expected = BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(sizeof(uint) + 1));
            if (BlockFile.ChecksumOf(seed, index, kind, content) != expected) throw Damaged(path, index, "its checksum is wrong");
            if (kind == BlockKind.End)
            {
                if (file.Position != file.Length || index + 1 != part.Blocks) throw Damaged(path, index, "the file ends elsewhere");
                yield break;
            }

            yield return kind switch
            {
                BlockKind.Entries => new PartitionBlock(Entries(content, path, index), []),
                BlockKind.Unchanged => new PartitionBlock([], Hashes(content)),
                _ => throw Damaged(path, index, $"it is of the kind {(byte)kind}, which is not known"),
            };
        }
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        }
        catch (FileNotFoundException)
        {
            throw new DamagedBackupException($"{path} is missing; the manifest names it");
        }
    }

    private static List<BackupEntry> Entries(byte[] content, string path, int index)
    {
        using var reader = new BinaryReader(new MemoryStream(content));
        var entries = new List<BackupEntry>();
        try
        {
            while (reader.BaseStream.Position < content.Length) entries.Add(BackupRecord.Read(reader));
        }
        catch (Exception wrong) when (wrong is FormatException or EndOfStreamException)
        {
            throw Damaged(path, index, wrong.Message);
        }

        return entries;
    }

    private static ulong[] Hashes(byte[] content)
    {
        var hashes = new ulong[content.Length / sizeof(ulong)];
        for (var i = 0; i < hashes.Length; i++) hashes[i] = BinaryPrimitives.ReadUInt64LittleEndian(content.AsSpan(i * sizeof(ulong)));
        return hashes;
    }

    private static void Fill(FileStream file, byte[] into, string path)
    {
        if (file.ReadAtLeast(into, into.Length, throwOnEndOfStream: false) < into.Length)
            throw new DamagedBackupException($"{path} ends in the middle of a block");
    }

    private static DamagedBackupException Damaged(string path, int index, string what) =>
        new($"{path}, block {index}: {what}; the file was damaged since it was written");
}

/// <summary>What one block holds.</summary>
internal sealed record PartitionBlock(IReadOnlyList<BackupEntry> Entries, IReadOnlyList<ulong> Unchanged);

using System.Buffers.Binary;
using Gossipdb.Client;

namespace Gossipdb.Cli.Backups;

/// <summary>Writes the file of one partition; see <see cref="BlockFile"/>.</summary>
internal sealed class PartitionFileWriter : IDisposable
{
    private readonly FileStream _file;
    private readonly ulong _seed;
    private readonly MemoryStream _content = new();
    private readonly BinaryWriter _writer;
    private BlockKind _kind = BlockKind.Entries;

    public PartitionFileWriter(string path, string backup, int partition)
    {
        _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
        _seed = BlockFile.SeedOf(backup, partition);
        _writer = new BinaryWriter(_content);
        _file.Write(BlockFile.Head);
    }

    /// <summary>How many blocks were written.</summary>
    public int Blocks { get; private set; }

    /// <summary>How many records.</summary>
    public long Entries { get; private set; }

    /// <summary>How long the file is.</summary>
    public long Bytes => _file.Position;

    /// <summary>Writes what a key holds.</summary>
    public void Write(BackupEntry entry)
    {
        Turn(BlockKind.Entries);
        BackupRecord.Write(_writer, entry);
        Entries++;
        if (_content.Length >= BlockFile.BlockBytes) EndBlock();
    }

    /// <summary>Writes hashes of keys that did not change.</summary>
    public void WriteUnchanged(IReadOnlyList<ulong> hashes)
    {
        if (hashes.Count == 0) return;
        Turn(BlockKind.Unchanged);
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        foreach (var hash in hashes)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, hash);
            _writer.Write(bytes);
        }

        if (_content.Length >= BlockFile.BlockBytes) EndBlock();
    }

    /// <summary>Ends the file, and has it on the disk.</summary>
    public void End()
    {
        EndBlock();
        _kind = BlockKind.End;
        WriteBlock();
        _file.Flush(flushToDisk: true);
    }

    public void Dispose()
    {
        _writer.Dispose();
        _file.Dispose();
    }

    private void Turn(BlockKind kind)
    {
        if (kind != _kind) EndBlock();
        _kind = kind;
    }

    private void EndBlock()
    {
        if (_content.Length > 0) WriteBlock();
    }

    private void WriteBlock()
    {
        _writer.Flush();
        var content = _content.GetBuffer().AsSpan(0, (int)_content.Length);
        Span<byte> header = stackalloc byte[BlockFile.HeaderBytes];
        BlockFile.WriteHeader(header, content.Length, _kind, BlockFile.ChecksumOf(_seed, Blocks, _kind, content));
        _file.Write(header);
        _file.Write(content);
        _content.SetLength(0);
        Blocks++;
    }
}

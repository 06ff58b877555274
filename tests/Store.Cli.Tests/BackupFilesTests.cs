using System.IO.Hashing;
using Gossipdb.Cli.Backups;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Tests;

/// <summary>The files of backups: what they say together, and what is refused of them.</summary>
public sealed class BackupFilesTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("gossipdb-backups-");
    private readonly BackupDirectory _backups;

    public BackupFilesTests() => _backups = new BackupDirectory(_directory.FullName);

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void A_later_telling_of_a_key_counts_and_what_is_neither_told_nor_unchanged_is_gone()
    {
        Write(
            1, At(10), null,
            Entry("a", "1"), Entry("b", "1"), Entry("c", "1"), Entry("a", "2"), Part("a", "3"), Gone("c"), Entry("d", "1"));
        Write(2, At(20), [Hash("a"), Hash("d")], Entry("e", "1"));
        Write(3, At(30), null, Entry("d", "2"));
        Assert.Equal(["a=2", "a=3", "b=1", "d=1"], Read(At(15)));
        Assert.Equal(["a=2", "a=3", "d=1", "e=1"], Read(At(20)));
        Assert.Equal(["a=2", "a=3", "d=2", "e=1"], Read(null));
        Assert.Null(PartitionChain.Of(_backups.Needed(), 0, At(5)));
    }

    [Fact]
    public void A_backup_without_a_manifest_is_none()
    {
        Assert.Throws<CliException>(_backups.Needed);
        var folder = _backups.Begin(1);
        File.WriteAllText(Path.Combine(folder, "partition-0000.bak"), "half");
        Assert.Contains("no complete backup", Assert.Throws<CliException>(_backups.Needed).Message);
        Write(1, At(10), null, Entry("a", "1"));
        Assert.Single(_backups.Needed());

        // What is left of one that was not completed does not hide those before it, and goes when it is begun again.
        File.WriteAllText(Path.Combine(_backups.Begin(2), "partition-0000.bak"), "half");
        Assert.Single(_backups.Needed());
        Assert.Empty(Directory.EnumerateFiles(_backups.Begin(2)));
    }

    [Fact]
    public void One_that_is_missing_between_others_is_named()
    {
        for (var i = 1; i <= 3; i++) Write(i, At(10 * i), null, Entry("a", $"{i}"));
        Directory.Delete(Path.Combine(_directory.FullName, "000002"), recursive: true);
        Assert.Contains("backup 2 is missing", Assert.Throws<DamagedBackupException>(_backups.Needed).Message);
    }

    [Fact]
    public void Any_byte_that_changed_and_any_that_is_missing_is_refused()
    {
        Write(1, At(10), null, Entry("a", "1"), Entry("b", "2"));
        var file = Path.Combine(_directory.FullName, "000001", "partition-0000.bak");
        var bytes = File.ReadAllBytes(file);
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 0x10;
            File.WriteAllBytes(file, bytes);
            Assert.Contains(file, Assert.Throws<DamagedBackupException>(() => Read(null)).Message);
            bytes[i] ^= 0x10;
        }

        File.WriteAllBytes(file, bytes[..^1]);
        Assert.Contains("bytes; the manifest says", Assert.Throws<DamagedBackupException>(() => Read(null)).Message);
        bytes[BlockFile.Head.Length - 1] = 9;
        File.WriteAllBytes(file, bytes);
        Assert.Contains("version 9 of the format", Assert.Throws<DamagedBackupException>(() => Read(null)).Message);
        File.Delete(file);
        Assert.Contains("is missing", Assert.Throws<DamagedBackupException>(() => Read(null)).Message);
    }

    [Fact]
    public void A_manifest_that_changed_or_is_of_another_version_is_refused()
    {
        Write(1, At(10), null, Entry("a", "1"));
        var file = Path.Combine(_directory.FullName, "000001", BackupManifest.FileName);
        var text = File.ReadAllText(file);
        File.WriteAllText(file, text.Replace("\"keys\": 1", "\"keys\": 2", StringComparison.Ordinal));
        Assert.Contains("checksum is wrong", Assert.Throws<DamagedBackupException>(_backups.Needed).Message);
        File.WriteAllText(file, text.Replace("\"version\": 1", "\"version\": 2", StringComparison.Ordinal));
        Assert.Contains("version 2 of the format", Assert.Throws<DamagedBackupException>(_backups.Needed).Message);
    }

    [Fact]
    public void The_progress_of_another_restoring_and_one_that_is_too_old_are_refused()
    {
        var file = Path.Combine(_directory.FullName, RestoreProgress.FileName);
        RestoreProgress.Open(file, "backup 1").Save(file);
        Assert.Equal("backup 1", RestoreProgress.Open(file, "backup 1").Of);
        Assert.Contains("another restoring", Assert.Throws<CliException>(() => RestoreProgress.Open(file, "backup 2")).Message);
        new RestoreProgress { Of = "backup 1", Begun = DateTimeOffset.UtcNow.AddDays(-1) }.Save(file);
        Assert.Contains("added twice", Assert.Throws<CliException>(() => RestoreProgress.Open(file, "backup 1")).Message);
    }

    private static DateTimeOffset At(int seconds) => DateTimeOffset.UnixEpoch.AddSeconds(seconds);

    private static ulong Hash(string key) => XxHash3.HashToUInt64(((Bytes)key).Span);

    private static BackupEntry Entry(string key, string state) => new(key, StoredType.Set, ((Bytes)state).Memory, null, Continues: false);

    private static BackupEntry Part(string key, string state) => Entry(key, state) with { Continues = true };

    private static BackupEntry Gone(string key) => new(key, StoredType.None, default, null, Continues: false);

    private string[] Read(DateTimeOffset? until) =>
        [.. PartitionChain.Of(_backups.Needed(), 0, until)!.Read()
            .Select(static entry => $"{entry.Key}={System.Text.Encoding.UTF8.GetString(entry.State.Span)}").Order(StringComparer.Ordinal)];

    private void Write(int number, DateTimeOffset last, ulong[]? unchanged, params BackupEntry[] entries)
    {
        var folder = _backups.Begin(number);
        var id = Guid.NewGuid().ToString("n");
        using var writer = new PartitionFileWriter(Path.Combine(folder, "partition-0000.bak"), id, 0);
        foreach (var entry in entries) writer.Write(entry);
        writer.WriteUnchanged(unchanged ?? []);
        writer.End();
        new BackupManifest
        {
            Id = id,
            Number = number,
            Begun = last,
            Ended = last,
            Program = "test",
            Partitions = 1,
            Replication = 1,
            LayoutVersion = 1,
            Parts =
            [
                new PartitionBackup
                {
                    Partition = 0,
                    IsWhole = number == 1,
                    File = "partition-0000.bak",
                    Bytes = writer.Bytes,
                    Blocks = writer.Blocks,
                    Entries = writer.Entries,
                    Clock = ClockToken.None.ToString(),
                    StableCut = ClockToken.None.ToString(),
                    LastTimestamp = last.ToUnixTimeMilliseconds() << 16,
                    Keys = 1,
                    KeysHash = 0,
                    ListsUnchanged = unchanged is not null,
                    Node = 1,
                },
            ],
        }.Write(folder);
    }
}

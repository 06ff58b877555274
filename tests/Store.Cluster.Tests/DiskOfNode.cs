using System.Text;
using Microsoft.Data.Sqlite;

namespace Gossipdb.Cluster.Tests;

/// <summary>The journal of a node that is down, as files that something has gone wrong with.</summary>
/// <param name="path">The database; its write-ahead log lies beside it.</param>
internal sealed class DiskOfNode(string path)
{
    public string Log => path + "-wal";

    /// <summary>Brings everything from the write-ahead log into the database.</summary>
    public void Checkpoint()
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        command.ExecuteScalar();
    }

    /// <summary>Flips a bit of a letter wherever a text stands in the database.</summary>
    /// <returns>How often it stood there.</returns>
    public int FlipInDatabase(string text) => Flip(path, text, int.MaxValue);

    /// <summary>The same under a node that runs: nothing else of the file is touched.</summary>
    public int FlipUnderNode(string text)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        var wanted = Encoding.UTF8.GetBytes(text);
        var count = 0;
        for (var at = 0; bytes.AsSpan(at).IndexOf(wanted) is >= 0 and var next; at += next + wanted.Length, count++)
        {
            file.Position = at + next;
            file.WriteByte((byte)(bytes[at + next] ^ 1));
        }

        file.Flush(flushToDisk: true);
        return count;
    }

    /// <summary>Flips a bit of a letter where a text stands first in the write-ahead log.</summary>
    public int FlipInLog(string text) => Flip(Log, text, 1);

    /// <summary>Overwrites part of the database with nothing.</summary>
    public void Overwrite(int from, int count)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.Position = from;
        file.Write(new byte[count]);
    }

    /// <summary>Copies the journal.</summary>
    public void CopyTo(string directory)
    {
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, "journal.db*"))
            File.Copy(file, Path.Combine(directory, Path.GetFileName(file)));
    }

    /// <summary>Takes the journal from a copy.</summary>
    public void RestoreFrom(string directory)
    {
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, "journal.db*")) File.Delete(file);
        foreach (var file in Directory.EnumerateFiles(directory))
            File.Copy(file, Path.Combine(Path.GetDirectoryName(path)!, Path.GetFileName(file)));
    }

    private static int Flip(string file, string text, int most)
    {
        var bytes = File.ReadAllBytes(file);
        var wanted = Encoding.UTF8.GetBytes(text);
        var (count, at) = (0, 0);
        while (count < most && bytes.AsSpan(at).IndexOf(wanted) is >= 0 and var next)
        {
            bytes[at + next] ^= 1;
            at += next + wanted.Length;
            count++;
        }

        File.WriteAllBytes(file, bytes);
        return count;
    }
}

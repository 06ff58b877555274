using System.Text.Json;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Membership;
using Gossipdb.Node.Partitions;
using Gossipdb.Replication.Placement;
using Microsoft.Data.Sqlite;

namespace Gossipdb.Node.Server;

/// <summary>
/// Reads a stopped node's data directory and compares all checksums: those of the write-ahead log, and of every record of the journal. The
/// journal is read from a copy, because SQLite changes the files of a database that it opens.
/// </summary>
internal static class DataVerifier
{
    private const int MostProblems = 100;

    /// <summary>What was found. The journal's numbers are those of its records; without a layout that one cannot be read.</summary>
    internal sealed record Findings(
        string Path, long Records, long First, long Last, long Entries, long Unchecked, long Bytes, string? Layout,
        IReadOnlyList<string> Problems);

    /// <summary>Reads the directory.</summary>
    /// <exception cref="IOException">It holds no journal, or a node is using it.</exception>
    public static Findings Verify(string directory)
    {
        var path = Path.GetFullPath(directory);
        var file = SqliteDatabase.PathIn(path);
        if (!File.Exists(file)) throw new FileNotFoundException($"{path} has no journal: {Path.GetFileName(file)} is missing");
        if (!DataDirectoryClaim.TryTakeToRead(path, out var held))
            throw new IOException($"{path} is in use by a node that runs: stop it first, or verify a copy");
        using var claim = held;
        var problems = new List<string>();
        var layout = LayoutOf(path, problems);
        if (WriteAheadLog.FindDamage(file + "-wal") is { } damage) problems.Add(damage);
        if (new MalformedFile(file).Note is { } note) problems.Add($"everything is suspect until it has been mended: {note}");
        var copy = Directory.CreateTempSubdirectory("gossipdb-verify-");
        try
        {
            foreach (var part in (string[])["", "-wal"])
                if (File.Exists(file + part)) File.Copy(file + part, SqliteDatabase.PathIn(copy.FullName) + part);
            return Read(SqliteDatabase.PathIn(copy.FullName), layout, problems) with { Path = path };
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    private static Findings Read(string file, Layout? layout, List<string> problems)
    {
        long records = 0, first = 0, last = 0, entries = 0, uncheckedEntries = 0, bytes = 0;
        var decoded = new List<JournalRecord.Entry>();
        try
        {
            var options = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false };
            using var connection = new SqliteConnection(options.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA quick_check(1)";
            if (command.ExecuteScalar() is string said and not "ok") problems.Add($"SQLite finds the file damaged: {said}");
            command.CommandText = SqliteTables.Records;
            using var rows = command.ExecuteReader();
            while (rows.Read())
            {
                var (number, record) = (rows.GetInt64(0), rows.GetFieldValue<byte[]>(1));
                if (last > 0 && number != last + 1) Note($"records {last + 1} to {number - 1} are missing");
                if (records++ == 0) first = number;
                (last, bytes) = (number, bytes + record.Length);
                if (!JournalRecord.TryDecode(record, decoded))
                {
                    Note($"record {number} is damaged");
                    continue;
                }

                entries += decoded.Count;
                if (record[0] == JournalRecord.Unchecked) uncheckedEntries += decoded.Count;
                foreach (var (journal, encoded) in decoded)
                    if (encoded is null) Note($"what record {number} holds of {NameOf(journal, layout)} is damaged");
            }
        }
        catch (Exception unreadable) when (unreadable is SqliteException or UnknownRecordVersionException)
        {
            Note($"behind record {last}: {unreadable.Message}");
        }

        return new Findings(
            file, records, first, last, entries, uncheckedEntries, bytes, layout is null ? null : LayoutFile.Describe(layout), problems);

        void Note(string problem)
        {
            if (problems.Count < MostProblems) problems.Add(problem);
        }
    }

    private static string NameOf(int journal, Layout? layout) =>
        layout is null ? $"journal {journal}" : NodeHosts.NameOf(journal, layout.Partitions);

    private static Layout? LayoutOf(string path, List<string> problems)
    {
        try
        {
            return LayoutFile.Decode(File.ReadAllBytes(LayoutFile.PathIn(path)));
        }
        catch (Exception unusable) when (unusable is IOException or JsonException or ArgumentException or InvalidDataException
            or FormatException)
        {
            problems.Add($"the layout {LayoutFile.PathIn(path)} cannot be read: {unusable.Message}");
            return null;
        }
    }
}

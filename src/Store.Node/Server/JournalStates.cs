using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Membership;
using Gossipdb.Replication.Hosting;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Placement;
using Microsoft.Data.Sqlite;

namespace Gossipdb.Node.Server;

/// <summary>
/// What the partitions of data directories held at a time, by their journals: those of nodes that are stopped, or copies of them. They are
/// read as a node that starts reads them, and stay as they are.
/// </summary>
internal sealed class JournalStates
{
    private const long PartBytes = 256 << 10;
    private readonly long? _untilMs;
    private readonly SortedDictionary<int, PartitionReplay> _partitions = [];

    /// <param name="until">Without changes after this; null: all there is.</param>
    public JournalStates(DateTimeOffset? until) => _untilMs = until?.ToUnixTimeMilliseconds();

    /// <summary>Reads a data directory. Of a partition that several have, the one with more changes counts.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="tell">Told how far it reaches.</param>
    /// <exception cref="IOException">It cannot be read, or it reaches back only to a later time.</exception>
    public void Read(string directory, Action<string> tell)
    {
        var path = Path.GetFullPath(directory);
        var layout = LayoutOf(path);
        if (!DataDirectoryClaim.TryTakeToRead(path, out var held)) throw Unusable(path, "a node runs on it. Stop the node, or take a copy");
        using var claim = held;
        var replays = new SortedDictionary<int, PartitionReplay>();
        var entries = new List<JournalRecord.Entry>();
        long records = 0;
        foreach (var (number, record) in RecordsOf(path))
        {
            records++;
            if (!JournalRecord.TryDecode(record, entries)) throw Unusable(path, $"record {number} is damaged");
            foreach (var (journal, encoded) in entries)
            {
                // What the node holds for others is theirs.
                if (journal >= layout.Partitions) continue;
                if (encoded is null) throw Unusable(path, $"what record {number} holds of partition {journal} is damaged");
                if (!replays.TryGetValue(journal, out var replay))
                    replays.Add(journal, replay = new PartitionReplay(default, PartitionLayout.Of(layout, journal), _untilMs));
                Sound(() => replay.Take(encoded), path, $"record {number}");
            }
        }

        var last = replays.Values.Select(static replay => replay.LastChangeMs).DefaultIfEmpty().Max();
        tell($"{path}: {records} records, {replays.Count} partitions, {replays.Values.Sum(static replay => replay.LeftOut)} changes are "
            + "later; "
            + (last == 0 ? "there is no change that counts" : $"the last change that counts is of {Moment(last)}"));
        foreach (var (partition, replay) in replays)
        {
            if (replay.ReachesBackToMs is { } earliest)
                throw Unusable(path, $"of partition {partition} it reaches back to {Moment(earliest)}, and not to the time that is "
                    + "asked for");
            Sound(replay.Check, path, $"partition {partition}");
            if (!_partitions.TryGetValue(partition, out var other) || replay.Changes > other.Changes) _partitions[partition] = replay;
        }
    }

    /// <summary>What the keys held.</summary>
    public IEnumerable<SavedObject> Objects() => _partitions.Values.SelectMany(static replay => replay.Objects(PartBytes));

    private static void Sound(Action read, string path, string what)
    {
        try
        {
            read();
        }
        catch (CorruptDataException wrong)
        {
            throw Unusable(path, $"{what}: {wrong.Message}");
        }
    }

    private static IEnumerable<(long Number, byte[] Record)> RecordsOf(string path)
    {
        var file = SqliteDatabase.PathIn(path);
        if (!File.Exists(file)) throw new FileNotFoundException($"{path} has no journal: {Path.GetFileName(file)} is missing");
        using var connection = new SqliteConnection(ReadOnly(file));
        using var command = connection.CreateCommand();
        SqliteDataReader rows;
        try
        {
            connection.Open();
            command.CommandText = SqliteTables.Records;
            rows = command.ExecuteReader();
        }
        catch (SqliteException wrong)
        {
            throw Unusable(path, wrong.Message);
        }

        long last = 0;
        using (rows)
        {
            while (Next(rows, path))
            {
                var number = rows.GetInt64(0);
                if (last > 0 && number != last + 1) throw Unusable(path, $"records {last + 1} to {number - 1} are missing");
                last = number;
                yield return (number, rows.GetFieldValue<byte[]>(1));
            }
        }
    }

    private static string ReadOnly(string file) =>
        new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString();

    private static bool Next(SqliteDataReader rows, string path)
    {
        try
        {
            return rows.Read();
        }
        catch (SqliteException wrong)
        {
            throw Unusable(path, wrong.Message);
        }
    }

    private static Layout LayoutOf(string path)
    {
        var file = LayoutFile.PathIn(path);
        try
        {
            return LayoutFile.Decode(File.ReadAllBytes(file));
        }
        catch (Exception wrong) when (wrong is System.Text.Json.JsonException or ArgumentException or IOException)
        {
            throw new IOException($"{path} is no data directory of a node: {Path.GetFileName(file)}: {wrong.Message}", wrong);
        }
    }

    private static string Moment(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs)
        .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static IOException Unusable(string path, string what) => new($"the journal in {path} cannot be used: {what}");
}

using System.Data.Common;
using System.Globalization;
using Gossipdb.Node.Configuration;
using ILogger = Serilog.ILogger;

namespace Gossipdb.Node.Journal;

/// <summary>
/// Which format the journal's bytes have and which version wrote them last: one row of a table beside the records. It is looked at
/// before anything else is read.
/// </summary>
internal static class JournalFormat
{
    /// <summary>
    /// What this version writes. 1: no such table, records of version 1. 2: records of version 2, each with a checksum. Raised by
    /// whatever the version before could not read.
    /// </summary>
    public const int Current = 2;

    /// <summary>The oldest format this version reads.</summary>
    public const int Oldest = 1;

    /// <summary>The table's name.</summary>
    public const string Table = "gossipdb_journal";

    /// <summary>Notes that this version writes the journal from here on.</summary>
    /// <param name="connection">To the journal's database.</param>
    /// <param name="table">The table, qualified and quoted as the database wants it.</param>
    /// <param name="hasRecords">Whether there are records already.</param>
    /// <param name="name">What the journal is called in errors.</param>
    /// <param name="logger">Told of an upgrade.</param>
    /// <returns>The journal's own id, drawn when it was made.</returns>
    /// <exception cref="ConfigurationProblem">The journal was written by a version whose format this one does not know.</exception>
    public static string Open(DbConnection connection, string table, bool hasRecords, string name, ILogger logger)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"CREATE TABLE IF NOT EXISTS {table} (format INTEGER NOT NULL, written_by TEXT NOT NULL, id TEXT NOT NULL)";
        command.ExecuteNonQuery();
        var (format, writtenBy, id) = Read(command, table) ?? (hasRecords ? Oldest : 0, "0.1.0 or before", string.Empty);
        if (format > Current)
        {
            throw new ConfigurationProblem(
                $"the journal {name} was written by format {format} of gossipdb {writtenBy}; this is gossipdb {ProductVersion.Text}, "
                + $"which reads {Oldest} to {Current}: run the version that wrote it, or a later one");
        }

        if (format == Current && writtenBy == ProductVersion.Text) return id;
        var isNew = id.Length == 0;
        if (isNew) id = Guid.NewGuid().ToString("N");
        command.CommandText = isNew
            ? $"INSERT INTO {table} (format, written_by, id) VALUES (@format, @by, @id)"
            : $"UPDATE {table} SET format = @format, written_by = @by WHERE id = @id";
        Add(command, "format", Current);
        Add(command, "by", ProductVersion.Text);
        Add(command, "id", id);
        command.ExecuteNonQuery();
        if (format is > 0 and < Current)
        {
            logger.Warning(
                "the journal {Name} was written by format {Old} of gossipdb {Before}; this is gossipdb {Now}, which reads that and "
                    + "writes format {New} from here on: a version that reads no more than {Old} can no longer open it",
                name, format, writtenBy, ProductVersion.Text, Current, format);
        }

        return id;
    }

    private static (int Format, string WrittenBy, string Id)? Read(DbCommand command, string table)
    {
        command.CommandText = $"SELECT format, written_by, id FROM {table}";
        using var reader = command.ExecuteReader();
        return reader.Read()
            ? (Convert.ToInt32(reader.GetValue(0), CultureInfo.InvariantCulture), reader.GetString(1), reader.GetString(2))
            : null;
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }
}

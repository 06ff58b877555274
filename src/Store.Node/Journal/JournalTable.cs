using Akka.Persistence.Sql.Config;

namespace Gossipdb.Node.Journal;

/// <summary>The journal's table as Akka.Persistence.Sql has it, in SQL: quoted as SQLite and PostgreSQL both understand it.</summary>
internal sealed class JournalTable
{
    /// <param name="config">What the package calls the table and its columns.</param>
    public JournalTable(JournalConfig config)
    {
        var (table, columns) = (config.TableConfig.EventJournalTable, config.TableConfig.EventJournalTable.ColumnNames);
        var schema = config.TableConfig.SchemaName is { Length: > 0 } named ? Quoted(named) + "." : string.Empty;
        (Name, PersistenceId) = (schema + Quoted(table.Name), Quoted(columns.PersistenceId));
        (SequenceNumber, WriterUuid) = (Quoted(columns.SequenceNumber), Quoted(columns.WriterUuid));
        (Deleted, Message, Identifier) = (Quoted(columns.Deleted), Quoted(columns.Message), Quoted(columns.Identifier));
        Tags = schema + Quoted(config.TableConfig.TagTable.Name);
        HasTags = config.PluginConfig.TagMode != TagMode.TagTable;
        HasWriter = table.UseWriterUuidColumn;
        List<string> inserted =
        [
            PersistenceId, SequenceNumber, Quoted(columns.Created), Deleted, Message, Identifier, Quoted(columns.Manifest),
        ];
        if (HasTags) inserted.Add(Quoted(columns.Tags));
        if (HasWriter) inserted.Add(WriterUuid);
        Columns = inserted;
    }

    /// <summary>Its name, with its schema.</summary>
    public string Name { get; }

    /// <summary>The table of tags, with its schema.</summary>
    public string Tags { get; }

    public string PersistenceId { get; }

    public string SequenceNumber { get; }

    public string WriterUuid { get; }

    public string Deleted { get; }

    public string Message { get; }

    /// <summary>The serializer.</summary>
    public string Identifier { get; }

    /// <summary>Whether it has a column of tags, behind the manifest.</summary>
    public bool HasTags { get; }

    /// <summary>Whether it has a column of the writer's id, at the end.</summary>
    public bool HasWriter { get; }

    /// <summary>
    /// What is given when a row is inserted: persistence id, sequence number, created, deleted, message, serializer, manifest, tags
    /// where there are, writer where there is.
    /// </summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>A name in SQL.</summary>
    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

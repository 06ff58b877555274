using System.Text.RegularExpressions;

namespace Gossipdb.Node.Configuration;

// The server the journal is on.
internal sealed partial class NodeSettings
{
    private JournalServer? ReadServer()
    {
        const string ConnectionKey = "gossipdb.journal.connection-string";
        const string PasswordKey = "gossipdb.journal.password-file";
        const string SchemaKey = "gossipdb.journal.schema";
        var schema = Text(SchemaKey).Replace("{id}", $"{Id}", StringComparison.Ordinal);
        if (schema == Text(SchemaKey) || !SchemaName().IsMatch(schema))
        {
            throw Wrong(SchemaKey, $"is '{Raw(SchemaKey)}'; wanted is a name of at most 63 small letters, digits and underscores, with "
                + "{id} in it for the node's number");
        }

        var patience = TimeSpan.FromMilliseconds(Milliseconds("gossipdb.journal.server-patience", 1));
        if (OneOf("gossipdb.journal.provider", "sqlite", "postgres") == "postgres")
            return new JournalServer(Text(ConnectionKey), Raw(PasswordKey), schema, patience);

        // Whoever names a server and no provider would find the journal elsewhere.
        foreach (var key in (string[])[ConnectionKey, PasswordKey])
            if (Raw(key).Length > 0) throw Wrong(key, "is set, but gossipdb.journal.provider is sqlite, a file");
        return null;
    }

    [GeneratedRegex("^[a-z_][a-z0-9_]{0,62}$")]
    private static partial Regex SchemaName();
}

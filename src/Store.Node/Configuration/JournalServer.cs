namespace Gossipdb.Node.Configuration;

/// <summary>The database server a node keeps its journal on.</summary>
/// <param name="ConnectionString">In the provider's words; may hold a password, so it is never shown.</param>
/// <param name="PasswordFile">A file whose first line is the password; empty for none.</param>
/// <param name="Schema">The node's schema.</param>
/// <param name="Patience">How long a commit waits for a server that is away.</param>
internal sealed record JournalServer(string ConnectionString, string PasswordFile, string Schema, TimeSpan Patience)
{
    public override string ToString() => $"schema {Schema}";
}

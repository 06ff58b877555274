namespace Gossipdb.Node.Configuration;

// What is written down of who did what, and what strangers may take.
internal sealed partial class NodeSettings
{
    private AuditSettings ReadAudit() => new(
        Int("gossipdb.audit.files", 1, 100_000),
        Size("gossipdb.audit.file-size", 1 << 16, 1 << 30),
        Flag("gossipdb.audit.required"),
        Texts("gossipdb.audit.prefixes"));

    private IReadOnlyList<string> Texts(string key)
    {
        try
        {
            if (_config.GetValue(key).IsString()) throw Wrong(key, "is not a list");
            return [.. _config.GetStringList(key)];
        }
        catch (Exception wrong) when (wrong is not ConfigurationProblem)
        {
            throw Wrong(key, "is not a list of texts");
        }
    }
}

namespace Gossipdb.Node.Configuration;

// What is written down of who did what, and what strangers may take.
internal sealed partial class NodeSettings
{
    /// <summary>What strangers, and everybody else, may take of the node.</summary>
    public ConnectionLimits Connections { get; private set; } = null!;

    private ConnectionLimits ReadConnections() => new(
        Int("gossipdb.limits.connections", 16, 1_000_000),
        Int("gossipdb.limits.connections-per-address", 4, 1_000_000),
        TimeSpan.FromMilliseconds(Milliseconds("gossipdb.limits.handshake-timeout", 100)),
        TimeSpan.FromMilliseconds(Milliseconds("gossipdb.limits.idle-timeout", 1_000)),
        Size("gossipdb.limits.receiving", Math.Max(MaxMessageBytes, FrameBytes), int.MaxValue),
        TimeSpan.FromMilliseconds(Milliseconds("gossipdb.limits.frame-timeout", 100)),
        Int("gossipdb.limits.requests-per-user", 0, 100_000_000),
        Int("gossipdb.limits.requests-per-address", 0, 100_000_000));

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

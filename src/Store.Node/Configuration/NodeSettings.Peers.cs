namespace Gossipdb.Node.Configuration;

// How nodes know each other.
internal sealed partial class NodeSettings
{
    /// <summary>The setting that names the file with the cluster's secrets.</summary>
    public const string SecretFileKey = "gossipdb.cluster.secret-file";

    /// <summary>The file with the cluster's secrets; null where there are none.</summary>
    public string? SecretFile { get; private set; }

    /// <summary>Whether nodes have to show each other who they are, by certificates or by the cluster's secret.</summary>
    public bool PeersProve => Tls is not null || SecretFile is not null;

    private void ReadPeers() => SecretFile = Raw(SecretFileKey) is { Length: > 0 } file ? Path.GetFullPath(file) : null;
}

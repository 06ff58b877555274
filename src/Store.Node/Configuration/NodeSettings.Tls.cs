using System.Net;

namespace Gossipdb.Node.Configuration;

// Encryption, and what may be done without.
internal sealed partial class NodeSettings
{
    /// <summary>The files for TLS on every port; null where the node speaks plain.</summary>
    public TlsSettings? Tls { get; private set; }

    /// <summary>Whether strangers may reach the node's ports though nothing protects them.</summary>
    public bool IsInsecure { get; private set; }

    /// <summary>The address that every port listens at.</summary>
    public IPAddress ListenAddress => IPAddress.TryParse(Host, out var address) ? address : IPAddress.Loopback;

    /// <summary>Whether nobody but this machine reaches the node.</summary>
    public bool IsOnLoopback => IPAddress.IsLoopback(ListenAddress);

    private void ReadTls()
    {
        IsInsecure = Flag("gossipdb.security.insecure");
        ReadCertificates();
    }

    // What others can reach has to be closed to strangers, or be left open on purpose.
    private void RefuseOpenPorts()
    {
        if (IsOnLoopback || IsInsecure || (Tls is not null && Security.IsOn)) return;
        throw Wrong(
            "gossipdb.node.host",
            $"is {Host}, which others can reach, and nothing keeps them out: name certificates in gossipdb.tls and set "
                + $"{SecuritySettings.AuthenticationKey} = on; or set gossipdb.security.insecure = on, where everybody who reaches it may "
                + "do everything");
    }

    private void ReadCertificates()
    {
        var checkEvery = TimeSpan.FromMilliseconds(Milliseconds("gossipdb.tls.check-interval", 10));
        string[] needed = [TlsSettings.CertificateKey, TlsSettings.KeyKey, TlsSettings.AuthorityKey];
        var set = needed.FirstOrDefault(key => Raw(key).Length > 0)
            ?? (Raw(TlsSettings.ClientAuthorityKey).Length > 0 ? TlsSettings.ClientAuthorityKey : null);
        if (set is null) return;
        foreach (var key in needed)
        {
            if (Raw(key).Length == 0)
                throw Wrong(set, $"is set, but {key} is not: TLS needs {string.Join(", ", needed)}");
        }

        foreach (var (id, node) in Nodes)
        {
            if (new Uri(node.ClientEndpoint).Scheme != Uri.UriSchemeHttps)
                throw Wrong(
                    "gossipdb.cluster.nodes",
                    $"gives node {id} the client endpoint {node.ClientEndpoint}; with gossipdb.tls it is one of https");
        }

        Tls = new TlsSettings(
            Path.GetFullPath(Raw(TlsSettings.CertificateKey)),
            Path.GetFullPath(Raw(TlsSettings.KeyKey)),
            Path.GetFullPath(Raw(TlsSettings.AuthorityKey)),
            Raw(TlsSettings.ClientAuthorityKey) is { Length: > 0 } clients ? Path.GetFullPath(clients) : null,
            checkEvery);
    }
}

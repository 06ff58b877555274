namespace Gossipdb.Node.Configuration;

/// <summary>The files that TLS needs, all in PEM, and how often they are looked at again.</summary>
/// <param name="Certificate">The node's certificate, and those between it and the authority's where there are some.</param>
/// <param name="Key">Its private key.</param>
/// <param name="Authority">The certificates of those who sign nodes' certificates.</param>
/// <param name="ClientAuthority">The certificates of those who sign clients' certificates; null where the same do.</param>
/// <param name="CheckEvery">How often the files are looked at.</param>
internal sealed record TlsSettings(string Certificate, string Key, string Authority, string? ClientAuthority, TimeSpan CheckEvery)
{
    /// <summary>The settings' names.</summary>
    public const string CertificateKey = "gossipdb.tls.certificate";

    /// <inheritdoc cref="CertificateKey"/>
    public const string KeyKey = "gossipdb.tls.key";

    /// <inheritdoc cref="CertificateKey"/>
    public const string AuthorityKey = "gossipdb.tls.ca";

    /// <inheritdoc cref="CertificateKey"/>
    public const string ClientAuthorityKey = "gossipdb.tls.client-ca";
}

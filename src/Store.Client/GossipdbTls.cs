using System.Security.Cryptography.X509Certificates;

namespace Gossipdb.Client;

/// <summary>
/// Whom a client trusts, and what it shows of itself, where nodes speak TLS. Files are PEM. They are read when the client is created, and
/// again for connections made later, where they have changed.
/// </summary>
public sealed class GossipdbTls
{
    /// <summary>
    /// A file with the certificates of the authorities that may have signed the nodes' (<c>gossipdb.tls.ca</c>); null for
    /// <see cref="Authorities"/>, or else those that the machine trusts.
    /// </summary>
    public string? AuthorityFile { get; set; }

    /// <summary>The same certificates, where they are in no file.</summary>
    public X509Certificate2Collection? Authorities { get; set; }

    /// <summary>
    /// A file with the certificate that this client shows: it says which user it is. Those between it and the authority's follow it. Null
    /// for <see cref="Certificate"/>, or else none.
    /// </summary>
    public string? CertificateFile { get; set; }

    /// <summary>The file with the certificate's private key, without a password; null where <see cref="CertificateFile"/> has it.</summary>
    public string? KeyFile { get; set; }

    /// <summary>The certificate, with its private key, where they are in no file.</summary>
    public X509Certificate2? Certificate { get; set; }
}

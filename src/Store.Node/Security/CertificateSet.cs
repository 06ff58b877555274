using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gossipdb.Node.Configuration;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Security;

/// <summary>The certificates of a node that belong together: its own with the key, and those that others' are held against.</summary>
internal sealed class CertificateSet
{
    private const string ForServers = "1.3.6.1.5.5.7.3.1";
    private const string ForClients = "1.3.6.1.5.5.7.3.2";
    private const X509ChainStatusFlags Foreign =
        X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.NotSignatureValid;

    private readonly X509Certificate2Collection _between;
    private readonly X509Certificate2Collection _authority;
    private readonly X509Certificate2Collection _clientAuthority;

    private CertificateSet(
        X509Certificate2 own, X509Certificate2Collection between, X509Certificate2Collection authority,
        X509Certificate2Collection clientAuthority)
    {
        (Own, _between, _authority, _clientAuthority) = (own, between, authority, clientAuthority);
        Context = SslStreamCertificateContext.Create(own, between, offline: true);
    }

    /// <summary>The node's own certificate, with its key.</summary>
    public X509Certificate2 Own { get; }

    /// <summary>The same, as it is sent: with those between it and the authority's.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>Every certificate that was read, with the setting that names its file.</summary>
    public IEnumerable<(string Key, X509Certificate2 Certificate)> All =>
    [
        (TlsSettings.CertificateKey, Own),
        .. _between.Select(static one => (TlsSettings.CertificateKey, one)),
        .. _authority.Select(static one => (TlsSettings.AuthorityKey, one)),
        .. (_clientAuthority == _authority ? [] : _clientAuthority).Select(static one => (TlsSettings.ClientAuthorityKey, one)),
    ];

    /// <summary>Reads certificates and looks whether a node can use them.</summary>
    /// <param name="settings">Where they were read from, for errors.</param>
    /// <param name="files">What the files say.</param>
    /// <param name="self">The node.</param>
    /// <param name="now">What time it is.</param>
    /// <exception cref="ConfigurationProblem">They are of no use.</exception>
    public static CertificateSet Create(TlsSettings settings, CertificateFiles files, NodeId self, DateTimeOffset now)
    {
        var chain = Parse(TlsSettings.CertificateKey, settings.Certificate, files.Certificate);
        using var bare = chain[0];
        chain.RemoveAt(0);
        var authority = Parse(TlsSettings.AuthorityKey, settings.Authority, files.Authority);
        var clients = files.ClientAuthority is { } text
            ? Parse(TlsSettings.ClientAuthorityKey, settings.ClientAuthority!, text)
            : authority;
        var set = new CertificateSet(WithKey(settings, bare, files.Key), chain, authority, clients);
        set.RefuseUseless(settings, self, now);
        return set;
    }

    /// <summary>Why a certificate is not one of a node of this cluster, in a few words; null where it is.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="between">Others that came with it.</param>
    /// <param name="asServer">Whether the node is called; else it calls.</param>
    /// <param name="now">What time it is.</param>
    public string? ProblemOfNode(X509Certificate2 certificate, X509Certificate2Collection? between, bool asServer, DateTimeOffset now) =>
        CertificateNames.NodeOf(certificate) is null
            ? "the certificate names no node"
            : ProblemOf(certificate, between, _authority, asServer ? ForServers : ForClients, now);

    /// <summary>Why a certificate is not one of a client, in a few words; null where it is.</summary>
    public string? ProblemOfClient(X509Certificate2 certificate, X509Certificate2Collection? between, DateTimeOffset now) =>
        CertificateNames.NodeOf(certificate) is not null
            ? "the certificate is a node's"
            : ProblemOf(certificate, between, _clientAuthority, ForClients, now);

    private static X509Certificate2Collection Parse(string key, string path, string text)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException malformed)
        {
            throw new ConfigurationProblem($"{key}: {path} cannot be read as certificates: {malformed.Message}");
        }

        return certificates.Count > 0
            ? certificates
            : throw new ConfigurationProblem($"{key}: {path} has no certificate in it (PEM, BEGIN CERTIFICATE)");
    }

    private static X509Certificate2 WithKey(TlsSettings settings, X509Certificate2 bare, string key)
    {
        if (key.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal))
            throw new ConfigurationProblem($"{TlsSettings.KeyKey}: {settings.Key} is protected by a password; a node needs one without");
        try
        {
            var own = X509Certificate2.CreateFromPem(bare.ExportCertificatePem(), key);
            if (!OperatingSystem.IsWindows()) return own;

            // Windows makes no connection with a key that was never stored.
            using (own) return X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), password: null);
        }
        catch (Exception unusable) when (unusable is CryptographicException or ArgumentException)
        {
            // What is wrong with it may be told in words of its content.
            throw new ConfigurationProblem(key.Contains("PRIVATE KEY-----", StringComparison.Ordinal)
                ? $"{TlsSettings.KeyKey}: {settings.Key} is not the key of the certificate in {settings.Certificate}, or cannot be read"
                : $"{TlsSettings.KeyKey}: {settings.Key} has no private key in it (PEM, BEGIN PRIVATE KEY)");
        }
    }

    private void RefuseUseless(TlsSettings settings, NodeId self, DateTimeOffset now)
    {
        var named = CertificateNames.NodeOf(Own);
        if (named != self)
        {
            throw Wrong(named is { } other
                ? $"is the certificate of node {other}; this is node {self}"
                : $"does not name this node: it needs the URI {CertificateNames.NodePrefix}{self} as an alternative name");
        }

        foreach (var purpose in (string[])[ForServers, ForClients])
        {
            if (ProblemOf(Own, _between, _authority, purpose, now) is { } problem)
                throw Wrong($"cannot be used, held against gossipdb.tls.ca {settings.Authority}: {problem}");
        }

        ConfigurationProblem Wrong(string what) =>
            new($"{TlsSettings.CertificateKey}: {settings.Certificate} {what}");
    }

    private static string? ProblemOf(
        X509Certificate2 certificate, X509Certificate2Collection? between, X509Certificate2Collection trusted, string purpose,
        DateTimeOffset now)
    {
        if (now < certificate.NotBefore) return $"the certificate is not valid before {Day(certificate.NotBefore)}";
        if (now > certificate.NotAfter) return $"the certificate has expired on {Day(certificate.NotAfter)}";
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        if (between is not null) chain.ChainPolicy.ExtraStore.AddRange(between);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(purpose));
        chain.ChainPolicy.VerificationTime = now.LocalDateTime;
        if (chain.Build(certificate)) return null;
        var found = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, static (all, one) => all | one.Status);
        if ((found & X509ChainStatusFlags.NotValidForUsage) != 0)
            return $"the certificate is not one for {(purpose == ForServers ? "servers" : "clients")}";
        if ((found & Foreign) != 0)
            return "another authority has signed the certificate";
        return (found & X509ChainStatusFlags.NotTimeValid) != 0
            ? "the certificate of the authority is not valid at this time"
            : $"the certificate is not good ({found})";
    }

    private static string Day(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", null);
}

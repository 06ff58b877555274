using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gossipdb.LocalCluster;

/// <summary>
/// An authority of one's own, in a directory: it signs the certificates of a cluster's nodes and of clients. For local use and small
/// clusters; whoever has its key is everybody.
/// </summary>
public sealed class LocalAuthority : IDisposable
{
    /// <summary>What comes before a node's number in its certificate's URI.</summary>
    public const string NodePrefix = "gossipdb:node:";

    /// <summary>How long the authority's own certificate is good, unless said otherwise.</summary>
    public static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(3_650);

    /// <summary>How long certificates of nodes and clients are good, unless said otherwise.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(365);

    /// <summary>The names and addresses by which a machine calls itself.</summary>
    public static readonly IReadOnlyList<string> LocalHosts = ["localhost", ClusterAddresses.Host, "::1"];

    private const string ForServers = "1.3.6.1.5.5.7.3.1";
    private const string ForClients = "1.3.6.1.5.5.7.3.2";
    private const string AuthorityName = "ca";

    // Clocks of other machines may be behind.
    private static readonly TimeSpan Before = TimeSpan.FromMinutes(5);
    private readonly string _directory;
    private readonly X509Certificate2 _authority;

    private LocalAuthority(string directory, X509Certificate2 authority) => (_directory, _authority) = (directory, authority);

    /// <summary>A certificate that was made.</summary>
    /// <param name="CertificateFile">Where it is.</param>
    /// <param name="KeyFile">Where its key is.</param>
    /// <param name="Certificate">The certificate, without the key.</param>
    public sealed record Made(string CertificateFile, string KeyFile, X509Certificate2 Certificate);

    /// <summary>The file with the authority's certificate.</summary>
    public string CertificateFile => CertificateFileIn(_directory);

    /// <summary>The file with the certificate of the authority in a directory.</summary>
    public static string CertificateFileIn(string directory) => Path.Combine(directory, AuthorityName + ".crt");

    /// <summary>The file with the authority's key.</summary>
    public static string KeyFileIn(string directory) => Path.Combine(directory, AuthorityName + ".key");

    /// <summary>Makes a new authority in a directory.</summary>
    /// <exception cref="IOException">There is one.</exception>
    public static LocalAuthority Create(string directory, string name = "Gossipdb", TimeSpan? life = null)
    {
        Directory.CreateDirectory(directory);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName($"{name} authority");
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(
            certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var now = DateTimeOffset.UtcNow;
        var authority = request.CreateSelfSigned(now - Before, now + (life ?? AuthorityLife));
        Write(directory, AuthorityName, authority, key, replace: false);
        return new LocalAuthority(directory, authority);
    }

    /// <summary>The authority in a directory.</summary>
    /// <exception cref="IOException">There is none, or its key does not fit.</exception>
    public static LocalAuthority Open(string directory)
    {
        var (certificate, key) = (CertificateFileIn(directory), KeyFileIn(directory));
        if (!File.Exists(certificate)) throw new FileNotFoundException($"there is no authority in {directory} ({certificate})");
        if (!File.Exists(key)) throw new FileNotFoundException($"the key of the authority is not in {directory} ({key})");
        try
        {
            return new LocalAuthority(directory, X509Certificate2.CreateFromPemFile(certificate, key));
        }
        catch (CryptographicException)
        {
            throw new IOException($"{key} is not the key of {certificate}, or one of them cannot be read");
        }
    }

    /// <summary>Makes the certificate of a node.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="hosts">The names and addresses by which clients call it.</param>
    /// <param name="life">How long it is good; never longer than the authority's.</param>
    /// <param name="replace">Whether one that is there may be replaced.</param>
    /// <exception cref="IOException">There is one.</exception>
    public Made Node(int id, IReadOnlyList<string> hosts, TimeSpan? life = null, bool replace = false)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri($"{NodePrefix}{id}"));
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address)) names.AddIpAddress(address);
            else names.AddDnsName(host);
        }

        return Sign($"node-{id}", $"node {id}", names.Build(), [ForServers, ForClients], life, replace);
    }

    /// <summary>Makes the certificate of a client.</summary>
    /// <param name="user">The user that it says it is.</param>
    /// <param name="life">How long it is good; never longer than the authority's.</param>
    /// <param name="replace">Whether one that is there may be replaced.</param>
    /// <exception cref="IOException">There is one.</exception>
    public Made Client(string user, TimeSpan? life = null, bool replace = false) =>
        Sign(ClientName(user), user, names: null, [ForClients], life, replace);

    /// <summary>The file with a client's certificate in a directory.</summary>
    public static string ClientFileIn(string directory, string user) => Path.Combine(directory, ClientName(user) + ".crt");

    /// <summary>The file with a node's certificate in a directory.</summary>
    public static string NodeFileIn(string directory, int id) => Path.Combine(directory, $"node-{id}.crt");

    public void Dispose() => _authority.Dispose();

    private static string ClientName(string user) => $"client-{user}";

    private Made Sign(
        string file, string name, X509Extension? names, string[] purposes, TimeSpan? life, bool replace)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        var uses = new OidCollection();
        foreach (var purpose in purposes) uses.Add(new Oid(purpose));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(uses, critical: false));
        if (names is not null) request.CertificateExtensions.Add(names);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            _authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var now = DateTimeOffset.UtcNow;
        var end = now + (life ?? Life);
        if (end > _authority.NotAfter) end = _authority.NotAfter;
        var signed = request.Create(_authority, now - Before, end, RandomNumberGenerator.GetBytes(16));
        return Write(_directory, file, signed, key, replace);
    }

    private static Made Write(string directory, string name, X509Certificate2 certificate, ECDsa key, bool replace)
    {
        var made = new Made(Path.Combine(directory, name + ".crt"), Path.Combine(directory, name + ".key"), certificate);
        foreach (var file in (string[])[made.CertificateFile, made.KeyFile])
            if (!replace && File.Exists(file)) throw new IOException($"{file} is there already");

        // Put in their places one right after the other: whoever reads them meanwhile finds two that do not fit, and looks again.
        PrivateFile.Write(made.KeyFile, key.ExportPkcs8PrivateKeyPem() + "\n");
        PrivateFile.Write(
            made.CertificateFile, certificate.ExportCertificatePem() + "\n", UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return made;
    }
}

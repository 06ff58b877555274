using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gossipdb.Node.Tests.Security;

/// <summary>An authority that signs whatever a test needs.</summary>
internal sealed class TestAuthority
{
    private const string ForServers = "1.3.6.1.5.5.7.3.1";
    private const string ForClients = "1.3.6.1.5.5.7.3.2";
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    /// <param name="name">Its subject.</param>
    /// <param name="notAfter">Until when it is good; null for long enough.</param>
    public TestAuthority(string name = "test authority", DateTimeOffset? notAfter = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        Certificate = request.CreateSelfSigned(Now.AddDays(-30), notAfter ?? Now.AddYears(1));
    }

    /// <summary>Its own certificate, with the key.</summary>
    public X509Certificate2 Certificate { get; }

    public string Pem => Certificate.ExportCertificatePem() + "\n";

    /// <summary>A certificate of a node.</summary>
    public X509Certificate2 Node(
        int id, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null, bool forServers = true, bool forClients = true) =>
        Sign($"CN=node {id}", [$"gossipdb:node:{id}"], notBefore, notAfter, forServers, forClients);

    /// <summary>A certificate of a client.</summary>
    public X509Certificate2 Client(string user, DateTimeOffset? notAfter = null) =>
        Sign($"CN={user}", [], null, notAfter, forServers: false, forClients: true);

    /// <summary>A certificate of anything.</summary>
    public X509Certificate2 Sign(
        string subject, string[] uris, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null, bool forServers = true,
        bool forClients = true, string? host = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var purposes = new OidCollection();
        if (forServers) purposes.Add(new Oid(ForServers));
        if (forClients) purposes.Add(new Oid(ForClients));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(purposes, true));
        var names = new SubjectAlternativeNameBuilder();
        foreach (var uri in uris) names.AddUri(new Uri(uri));
        names.AddDnsName(host ?? "localhost");
        if (host is null) names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var bare = request.Create(
            Certificate, notBefore ?? Now.AddDays(-20), notAfter ?? Now.AddDays(90), RandomNumberGenerator.GetBytes(16));
        return bare.CopyWithPrivateKey(key);
    }

    /// <summary>Writes a certificate, its key and the authority's certificate.</summary>
    /// <returns>The settings that name the files.</returns>
    public string Write(string directory, X509Certificate2 certificate)
    {
        Directory.CreateDirectory(directory);
        var key = Path.Combine(directory, "node.key");
        File.WriteAllText(Path.Combine(directory, "node.crt"), certificate.ExportCertificatePem() + "\n");
        File.WriteAllText(key, certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(Path.Combine(directory, "ca.crt"), Pem);
        return Settings(directory);
    }

    /// <summary>The settings that name the files in a directory.</summary>
    public static string Settings(string directory) => $"""
        gossipdb.tls.certificate = "{directory}/node.crt"
        gossipdb.tls.key = "{directory}/node.key"
        gossipdb.tls.ca = "{directory}/ca.crt"
        gossipdb.tls.check-interval = 60s

        """;
}

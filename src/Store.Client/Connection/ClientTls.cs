using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gossipdb.Client.Connection;

/// <summary>What a client uses for TLS: the files and certificates of its options, as they are now.</summary>
internal sealed class ClientTls
{
    private readonly GossipdbTls _given;
    private readonly Lock _gate = new();
    private Texts _texts;
    private Material _material;

    /// <exception cref="ArgumentException">A file is missing, or is none of what it should be; the message names it.</exception>
    public ClientTls(GossipdbTls? given)
    {
        _given = given is null ? new GossipdbTls() : new GossipdbTls
        {
            AuthorityFile = given.AuthorityFile,
            Authorities = given.Authorities is null ? null : [.. given.Authorities],
            CertificateFile = given.CertificateFile,
            KeyFile = given.KeyFile,
            Certificate = given.Certificate,
        };
        if (_given is { KeyFile: not null, CertificateFile: null })
            throw new ArgumentException("The option Tls.KeyFile is set, and Tls.CertificateFile is not.");
        _texts = Read();
        _material = Parse(_texts);
    }

    private readonly record struct Texts(string? Authorities, string? Certificate, string? Key);

    private sealed record Material(X509Certificate2Collection? Authorities, SslStreamCertificateContext? Own);

    /// <summary>What a connection to a host is made with.</summary>
    /// <param name="host">The host, which the node's certificate has to name.</param>
    /// <param name="refused">Told why, in a few words, where who answers is not trusted.</param>
    public SslClientAuthenticationOptions OptionsFor(string host, Action<string> refused)
    {
        var material = Latest();
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateContext = material.Own,
            AllowTlsResume = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                if (errors == SslPolicyErrors.None)
                    return true;
                refused(Problem(host, certificate as X509Certificate2, chain, errors));
                return false;
            },
        };
        if (material.Authorities is { } authorities)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return options;
    }

    // Files that have become unreadable, or do not fit together while they are being replaced, change nothing.
    private Material Latest()
    {
        lock (_gate)
        {
            try
            {
                var texts = Read();
                if (texts != _texts)
                    (_material, _texts) = (Parse(texts), texts);
            }
            catch (ArgumentException)
            {
                // What there was is used until they are good again.
            }

            return _material;
        }
    }

    private Texts Read() => new(
        Read(nameof(GossipdbTls.AuthorityFile), _given.AuthorityFile),
        Read(nameof(GossipdbTls.CertificateFile), _given.CertificateFile),
        Read(nameof(GossipdbTls.KeyFile), _given.KeyFile));

    private static string? Read(string option, string? path)
    {
        if (path is null)
            return null;
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ArgumentException(unreadable is FileNotFoundException or DirectoryNotFoundException
                ? $"The option Tls.{option} names a file that is not there: {path}."
                : $"The option Tls.{option} names a file that cannot be read: {path} ({unreadable.Message})");
        }
    }

    private Material Parse(Texts texts)
    {
        var authorities = texts.Authorities is { } all
            ? Certificates(nameof(GossipdbTls.AuthorityFile), _given.AuthorityFile!, all)
            : _given.Authorities;
        if (texts.Certificate is null)
        {
            var given = _given.Certificate;
            return new Material(authorities, given is null ? null : SslStreamCertificateContext.Create(given, null, offline: true));
        }

        var chain = Certificates(nameof(GossipdbTls.CertificateFile), _given.CertificateFile!, texts.Certificate);
        var own = WithKey(texts);
        chain.RemoveAt(0);
        return new Material(authorities, SslStreamCertificateContext.Create(own, chain, offline: true));
    }

    private static X509Certificate2Collection Certificates(string option, string path, string text)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException)
        {
            // It is said below.
        }

        return certificates.Count > 0
            ? certificates
            : throw new ArgumentException($"The option Tls.{option} names a file without a certificate in PEM: {path}.");
    }

    private X509Certificate2 WithKey(Texts texts)
    {
        var path = _given.KeyFile ?? _given.CertificateFile;
        try
        {
            var own = X509Certificate2.CreateFromPem(texts.Certificate, texts.Key ?? texts.Certificate);
            if (!OperatingSystem.IsWindows())
                return own;

            // Windows makes no connection with a key that was never stored.
            using (own)
#if NET9_0_OR_GREATER
                return X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), password: null);
#else
                return new X509Certificate2(own.Export(X509ContentType.Pkcs12));
#endif
        }
        catch (Exception unusable) when (unusable is CryptographicException or ArgumentException)
        {
            throw new ArgumentException(
                $"The option Tls.KeyFile: {path} has no private key without a password in PEM, or not that of the certificate in "
                + $"{_given.CertificateFile}.");
        }
    }

    private static string Problem(string host, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
            return "the node shows no certificate";
        if (DateTime.Now is var now && now > certificate.NotAfter)
            return $"the node's certificate has expired on {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC";
        if (now < certificate.NotBefore)
            return $"the node's certificate is not valid before {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} UTC";
        if ((errors & SslPolicyErrors.RemoteCertificateChainErrors) == 0)
            return $"the node's certificate is not one for {host}: it is for {Names(certificate)}";
        const X509ChainStatusFlags Foreign =
            X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.NotSignatureValid;
        var found = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, static (all, one) => all | one.Status);
        return found is null || (found & Foreign) != 0
            ? "the node's certificate is signed by nobody whom this client trusts (option Tls; --ca)"
            : $"the node's certificate is not good ({found})";
    }

    private static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(static all => all.EnumerateDnsNames().Concat(all.EnumerateIPAddresses().Select(static one => one.ToString())));
        return string.Join(", ", names.DefaultIfEmpty(certificate.Subject));
    }
}

using Gossipdb.Node.Configuration;

namespace Gossipdb.Node.Security;

/// <summary>What the files of TLS say at one time.</summary>
internal sealed record CertificateFiles(string Certificate, string Key, string Authority, string? ClientAuthority)
{
    private const int MaxBytes = 1 << 20;

    /// <exception cref="ConfigurationProblem">One cannot be read.</exception>
    public static CertificateFiles Read(TlsSettings settings) => new(
        Read(TlsSettings.CertificateKey, settings.Certificate),
        Read(TlsSettings.KeyKey, settings.Key),
        Read(TlsSettings.AuthorityKey, settings.Authority),
        settings.ClientAuthority is { } clients ? Read(TlsSettings.ClientAuthorityKey, clients) : null);

    // One of its texts is a secret.
    public override string ToString() => nameof(CertificateFiles);

    private static string Read(string key, string path) => SettingFile.Read(key, path, MaxBytes, "no certificate or key");
}

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

    private static string Read(string key, string path)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxBytes })
                throw new ConfigurationProblem($"{key}: {path} has more than {MaxBytes} bytes; it is no certificate or key");
            return File.ReadAllText(path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ConfigurationProblem($"{key}: there is no file {path}");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationProblem($"{key}: {path} cannot be read: {unreadable.Message}");
        }
    }
}

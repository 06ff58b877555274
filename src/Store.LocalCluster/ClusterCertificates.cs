using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gossipdb.Client;

namespace Gossipdb.LocalCluster;

/// <summary>The certificates of a local cluster: an authority in its directory, one for each node, and one for the operator.</summary>
public sealed class ClusterCertificates
{
    /// <summary>The user that the operator's certificate names.</summary>
    public const string Operator = "admin";

    private const string FolderName = "certs";

    // What ends sooner is made anew at the next start.
    private static readonly TimeSpan Renew = TimeSpan.FromDays(60);
    private readonly string _directory;

    private ClusterCertificates(string directory) => _directory = directory;

    /// <summary>The authority's certificate.</summary>
    public string AuthorityFile => LocalAuthority.CertificateFileIn(_directory);

    /// <summary>The operator's certificate; its key is beside it.</summary>
    public string OperatorFile => LocalAuthority.ClientFileIn(_directory, Operator);

    /// <summary>The operator's password, which is as good as the certificate. Its owner alone can read the file.</summary>
    public string PasswordFile => Path.Combine(_directory, "admin-password");

    /// <summary>How the operator reaches the nodes.</summary>
    public GossipdbTls Tls => new()
    {
        AuthorityFile = AuthorityFile,
        CertificateFile = OperatorFile,
        KeyFile = Path.ChangeExtension(OperatorFile, ".key"),
    };

    /// <summary>Calls the nodes over HTTP, and trusts their authority alone.</summary>
    internal SocketsHttpHandler Handler()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPemFile(AuthorityFile);
        return new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } };
    }

    /// <summary>The authority's certificate of a cluster in a directory; null where it has none.</summary>
    public static string? FindAuthority(string clusterDirectory)
    {
        var file = LocalAuthority.CertificateFileIn(Path.Combine(clusterDirectory, FolderName));
        return File.Exists(file) ? file : null;
    }

    /// <summary>Those in a directory, made where they are missing.</summary>
    /// <exception cref="LocalClusterException">They cannot be made.</exception>
    internal static ClusterCertificates In(string clusterDirectory)
    {
        var certificates = new ClusterCertificates(Path.Combine(clusterDirectory, FolderName));
        certificates.Use(static authority => { });
        certificates.Renewed(certificates.OperatorFile, static authority => authority.Client(Operator, replace: true));
        certificates.DrawPassword();
        return certificates;
    }

    /// <summary>A node's settings, its certificate made where it is missing.</summary>
    internal IEnumerable<string> SettingsOf(int node)
    {
        var file = LocalAuthority.NodeFileIn(_directory, node);
        Renewed(file, authority => authority.Node(node, LocalAuthority.LocalHosts, replace: true));
        return
        [
            $"gossipdb.tls.certificate = {NodeConfig.Quoted(file)}",
            $"gossipdb.tls.key = {NodeConfig.Quoted(Path.ChangeExtension(file, ".key"))}",
            $"gossipdb.tls.ca = {NodeConfig.Quoted(AuthorityFile)}",

            // The first admin: by the password, and by the operator's certificate.
            "gossipdb.security.authentication = on",
            $"gossipdb.security.admin-password-file = {NodeConfig.Quoted(PasswordFile)}",
        ];
    }

    private void DrawPassword()
    {
        if (!File.Exists(PasswordFile))
            PrivateFile.Write(PasswordFile, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)) + Environment.NewLine);
    }

    /// <summary>Deletes what was made in a directory.</summary>
    internal static void Clean(string clusterDirectory)
    {
        var directory = Path.Combine(clusterDirectory, FolderName);
        if (FindAuthority(clusterDirectory) is not null) Directory.Delete(directory, recursive: true);
    }

    private void Renewed(string file, Action<LocalAuthority> make)
    {
        if (!IsGood(file)) Use(make);
    }

    private static bool IsGood(string file)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPemFile(file, Path.ChangeExtension(file, ".key"));
            return certificate.NotAfter - DateTime.Now > Renew;
        }
        catch (Exception missing) when (missing is IOException or CryptographicException)
        {
            return false;
        }
    }

    private void Use(Action<LocalAuthority> use)
    {
        try
        {
            using var authority = File.Exists(AuthorityFile) ? LocalAuthority.Open(_directory) : LocalAuthority.Create(_directory);
            use(authority);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new LocalClusterException($"the certificates in {_directory} cannot be made: {problem.Message}")
            {
                Problem = LocalClusterProblem.DirectoryUnusable,
            };
        }
    }
}

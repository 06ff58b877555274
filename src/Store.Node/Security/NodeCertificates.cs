using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Security;

/// <summary>
/// The certificates a node shows, and what it holds others' against. Files that change are read again: connections made from then on use
/// them. Files that are no good change nothing, and are told of. Any thread.
/// </summary>
internal sealed class NodeCertificates : IDisposable
{
    private const SslProtocols Versions = SslProtocols.Tls12 | SslProtocols.Tls13;

    // How long before the end of a certificate an operator is told.
    private static readonly TimeSpan WarnBefore = TimeSpan.FromDays(21);
    private readonly NodeId _self;
    private readonly TlsSettings? _settings;
    private readonly Serilog.ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private CertificateFiles? _files;
    private volatile CertificateSet? _set;
    private volatile string? _problem;
    private NodeHealth? _health;
    private ITimer? _timer;

    private NodeCertificates(NodeSettings settings, Serilog.ILogger logger, TimeProvider time)
    {
        (_self, _settings, _logger, _time) = (settings.Id, settings.Tls, logger, time);
        if (_settings is null)
        {
            SayPlain(settings);
            return;
        }

        _files = CertificateFiles.Read(_settings);
        _set = CertificateSet.Create(_settings, _files, _self, Now);
        WarnOfOpenKey();
    }

    /// <summary>Whether the node speaks TLS.</summary>
    public bool IsOn => _settings is not null;

    /// <summary>Told, on some thread, when other certificates have taken the place of those before.</summary>
    public Action? Changed { get; set; }

    /// <summary>What is in use; where TLS is off there is nothing.</summary>
    public CertificateSet Current => _set ?? throw new InvalidOperationException("TLS is off");

    /// <summary>Reads the files that the settings name, if they name any.</summary>
    /// <exception cref="ConfigurationProblem">They are of no use to this node.</exception>
    public static NodeCertificates Load(NodeSettings settings, Serilog.ILogger logger, TimeProvider? time = null) =>
        new(settings, logger, time ?? TimeProvider.System);

    /// <summary>From here on the files are looked at now and then, and what is wrong with them is told.</summary>
    public void Watch(NodeHealth health)
    {
        if (_settings is null) return;
        _health = health;
        Look();
        _timer = _time.CreateTimer(static self => ((NodeCertificates)self!).Look(), this, _settings.CheckEvery, _settings.CheckEvery);
    }

    /// <summary>Looks at the files now.</summary>
    public void Look()
    {
        lock (_gate)
        {
            try
            {
                var files = CertificateFiles.Read(_settings!);
                if (files != _files || _problem is not null)
                {
                    var set = CertificateSet.Create(_settings!, files, _self, Now);
                    var isOther = files != _files;
                    (_files, _set, _problem) = (files, set, null);
                    if (isOther)
                    {
                        _logger.Information(
                            "the certificates have changed: the node's own is good until {End:u}", set.Own.NotAfter.ToUniversalTime());
                        WarnOfOpenKey();
                        Changed?.Invoke();
                    }
                }
            }
            catch (ConfigurationProblem useless)
            {
                if (_problem != useless.Message)
                    _logger.Error(
                        "the certificates in use stay: the new ones are no good: {Problem}; once the files are good they are used",
                        useless.Message);
                _problem = useless.Message;
            }
            catch (Exception unexpected)
            {
                _logger.Error(
                    unexpected, "the certificates in use stay: the new ones cannot be read; once the files are good they are used");
                _problem = $"the certificates cannot be read: {unexpected.Message}";
            }

            _health?.CertificatesAre(Trouble());
        }
    }

    /// <summary>
    /// What a connection is taken with. Callers may show a certificate; one that is no good ends the connection.
    /// </summary>
    /// <param name="protocol">What is spoken over it.</param>
    /// <param name="found">Told whose certificate the caller has shown.</param>
    public SslServerAuthenticationOptions ServerOptions(SslApplicationProtocol? protocol, Action<PeerIdentity> found)
    {
        var set = Current;
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = set.Context,
            EnabledSslProtocols = Versions,
            ApplicationProtocols = protocol is { } named ? [named] : null,

            // What was resumed would be of certificates that nobody has looked at again.
            AllowTlsResume = false,
            AllowRenegotiation = false,
            ClientCertificateRequired = true,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = NoSearch(),
            RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
            {
                if (certificate is not X509Certificate2 shown) return certificate is null;
                if (Identify(shown, chain) is not { } identity) return false;
                found(identity);
                return true;
            },
        };
    }

    /// <summary>What this node uses to call another one. Anybody else there is refused.</summary>
    /// <param name="called">The node that is called.</param>
    /// <param name="refused">Told why, where who is there is refused.</param>
    public SslClientAuthenticationOptions PeerOptions(NodeId called, Action<string> refused)
    {
        var set = Current;
        return new SslClientAuthenticationOptions
        {
            TargetHost = $"node-{called}",
            ClientCertificateContext = set.Context,
            EnabledSslProtocols = Versions,
            AllowTlsResume = false,
            AllowRenegotiation = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = NoSearch(),

            // Not by the name of its host: a node is known by its number.
            RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
            {
                var problem = ProblemOfPeer(certificate as X509Certificate2, chain, called);
                if (problem is null) return true;
                refused(problem);
                return false;
            },
        };
    }

    /// <summary>What this node uses to call another one over HTTP; null where nodes speak plain.</summary>
    public SslClientAuthenticationOptions? OptionsFor(NodeId called) => IsOn ? PeerOptions(called, static _ => { }) : null;

    /// <summary>
    /// Why who is at the other end of a connection between nodes has not shown a node's certificate, in a few words; null where it has.
    /// </summary>
    /// <param name="certificate">What it has shown.</param>
    /// <param name="chain">What came with that.</param>
    /// <param name="called">The node that was called; null where it is the other end that calls.</param>
    public string? ProblemOfPeer(X509Certificate2? certificate, X509Chain? chain, NodeId? called)
    {
        if (certificate is null) return "it shows no certificate";
        if (Current.ProblemOfNode(certificate, Sent(chain), asServer: called is not null, Now) is { } problem) return problem;
        var node = CertificateNames.NodeOf(certificate)!.Value;
        return called is { } expected && node != expected ? $"the certificate is that of node {node}, not of node {expected}" : null;
    }

    /// <summary>Who has shown a certificate; null where it is no good, which is told.</summary>
    /// <param name="certificate">What a caller has shown.</param>
    /// <param name="chain">What came with that.</param>
    public PeerIdentity? Identify(X509Certificate2 certificate, X509Chain? chain)
    {
        var problem = CertificateNames.NodeOf(certificate) is not null
            ? Current.ProblemOfNode(certificate, Sent(chain), asServer: false, Now)
            : Current.ProblemOfClient(certificate, Sent(chain), Now);
        if (problem is null) return new PeerIdentity(CertificateNames.NodeOf(certificate), CertificateNames.UserOf(certificate));
        _health?.WarnNowAndThen("certificate", $"refused a caller's certificate, {certificate.Subject}: {problem}");
        return null;
    }

    public void Dispose() => _timer?.Dispose();

    private DateTimeOffset Now => _time.GetUtcNow();

    // What came with a certificate.
    private static X509Certificate2Collection? Sent(X509Chain? chain) => chain?.ChainPolicy.ExtraStore;

    // The chain that the framework builds before it asks is of no interest: it is to look nowhere.
    private static X509ChainPolicy NoSearch() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };

    // What an operator must know; null where all is well.
    private string? Trouble()
    {
        if (_problem is { } problem) return $"the certificates in use stay, the new ones are no good: {problem}";
        var (key, first) = Current.All.MinBy(static one => one.Certificate.NotAfter);
        var ends = first.NotAfter.ToUniversalTime();
        return ends - Now.UtcDateTime < WarnBefore
            ? $"{key}: a certificate {(ends < Now.UtcDateTime ? "has expired" : "expires")} on {ends:yyyy-MM-dd HH:mm} UTC"
            : null;
    }

    private void SayPlain(NodeSettings settings)
    {
        if (settings.IsOnLoopback)
        {
            _logger.Information("this node speaks plain: it listens on {Host} alone (gossipdb.tls)", settings.Host);
            return;
        }

        _logger.Warning(
            "this node speaks plain on {Host}: whoever reaches it may read, write and administer (gossipdb.security.insecure); "
            + "set gossipdb.tls and gossipdb.security.authentication, or listen on loopback",
            settings.Host);
    }

    private void WarnOfOpenKey()
    {
        if (SettingFile.ProblemOfMode(TlsSettings.KeyKey, _settings!.Key) is { } problem) _logger.Warning("{Problem}", problem);
    }
}

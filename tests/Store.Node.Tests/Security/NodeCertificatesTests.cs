using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Security;
using Gossipdb.Replication.Placement;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gossipdb.Node.Tests.Security;

/// <summary>What a node makes of the files that its settings name.</summary>
public sealed class NodeCertificatesTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private static readonly TestAuthority Authority = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("gossipdb-certificates-").FullName;
    private readonly NodeHealth _health = new(
        NullLogger<NodeHealth>.Instance, new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance));

    public NodeCertificatesTests() => _health.JournalRead();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Without_files_the_node_speaks_plain()
    {
        using var certificates = NodeCertificates.Load(TestSettings.Parse(), Serilog.Core.Logger.None);

        Assert.False(certificates.IsOn);
        Assert.Null(certificates.OptionsFor(new NodeId(2)));
    }

    [Fact]
    public void Good_files_are_taken()
    {
        using var certificates = Load(Authority.Node(1));

        Assert.True(certificates.IsOn);
        Assert.Equal(new NodeId(1), certificates.Identify(certificates.Current.Own, null)?.Node);
        Assert.True(certificates.Current.Own.HasPrivateKey);
    }

    [Fact]
    public void A_certificate_of_another_authority_is_refused() =>
        Refused(new TestAuthority().Node(1), "node.crt cannot be used, held against gossipdb.tls.ca", "another authority has signed");

    [Fact]
    public void A_certificate_of_another_node_is_refused() =>
        Refused(Authority.Node(2), "gossipdb.tls.certificate", "is the certificate of node 2; this is node 1");

    [Fact]
    public void A_certificate_of_a_client_is_refused() =>
        Refused(Authority.Client("alice"), "does not name this node: it needs the URI gossipdb:node:1");

    [Fact]
    public void A_certificate_that_names_two_nodes_is_refused() =>
        Refused(Authority.Sign("CN=both", ["gossipdb:node:1", "gossipdb:node:2"]), "does not name this node");

    [Fact]
    public void An_expired_certificate_is_refused() =>
        Refused(Authority.Node(1, notAfter: Now.AddHours(-1)), "gossipdb.tls.certificate", "has expired on");

    [Fact]
    public void A_certificate_that_is_not_valid_yet_is_refused() =>
        Refused(Authority.Node(1, notBefore: Now.AddHours(1)), "is not valid before");

    [Fact]
    public void A_certificate_for_servers_alone_is_refused() =>
        Refused(Authority.Node(1, forClients: false), "is not one for clients");

    [Fact]
    public void A_certificate_for_clients_alone_is_refused() =>
        Refused(Authority.Node(1, forServers: false), "is not one for servers");

    [Fact]
    public void A_missing_file_is_named()
    {
        var settings = Authority.Write(_directory, Authority.Node(1));
        File.Delete(Path.Combine(_directory, "node.key"));

        Assert.Equal($"gossipdb.tls.key: there is no file {_directory}/node.key", Problem(settings));
    }

    [Fact]
    public void A_key_that_is_not_the_certificates_is_refused_and_nothing_of_it_is_told()
    {
        var settings = Authority.Write(_directory, Authority.Node(1));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = other.ExportPkcs8PrivateKeyPem();
        File.WriteAllText(Path.Combine(_directory, "node.key"), pem);

        Assert.Equal(
            $"gossipdb.tls.key: {_directory}/node.key is not the key of the certificate in {_directory}/node.crt, or cannot be read",
            Problem(settings));
    }

    [Fact]
    public void A_key_with_a_password_is_refused()
    {
        var settings = Authority.Write(_directory, Authority.Node(1));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(Path.Combine(_directory, "node.key"), key.ExportEncryptedPkcs8PrivateKeyPem(
            "secret", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1_000)));

        Assert.Contains("is protected by a password", Problem(settings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node.crt", "gossipdb.tls.certificate: {0} has no certificate in it")]
    [InlineData("node.key", "gossipdb.tls.key: {0} has no private key in it")]
    [InlineData("ca.crt", "gossipdb.tls.ca: {0} has no certificate in it")]
    public void A_file_that_holds_something_else_is_named(string file, string problem)
    {
        var settings = Authority.Write(_directory, Authority.Node(1));
        File.WriteAllText(Path.Combine(_directory, file), "nothing of the kind\n");

        Assert.StartsWith(
            problem.Replace("{0}", Path.Combine(_directory, file), StringComparison.Ordinal), Problem(settings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gossipdb.tls.key = k", "gossipdb.tls.key is set, but gossipdb.tls.certificate is not")]
    [InlineData("gossipdb.tls.client-ca = k", "gossipdb.tls.client-ca is set, but gossipdb.tls.certificate is not")]
    [InlineData("gossipdb.tls.certificate = c\ngossipdb.tls.key = k", "gossipdb.tls.certificate is set, but gossipdb.tls.ca is not")]
    [InlineData(
        "gossipdb.tls.certificate = c\ngossipdb.tls.key = k\ngossipdb.tls.ca = a",
        "gives node 1 the client endpoint http://127.0.0.1:5101; with gossipdb.tls it is one of https")]
    public void Settings_that_do_not_go_together_are_refused(string settings, string problem) => Assert.Contains(
        problem, Assert.Throws<ConfigurationProblem>(() => TestSettings.Parse(settings)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("gossipdb.security.authentication = on\ngossipdb.cluster.secret-file = s")]
    [InlineData("gossipdb.tls.certificate = c\ngossipdb.tls.key = k\ngossipdb.tls.ca = a")]
    public void A_port_that_others_reach_is_refused_without_TLS_and_authentication(string settings)
    {
        var problem = Assert.Throws<ConfigurationProblem>(() => Parse("gossipdb.node.host = 0.0.0.0\n" + settings)).Message;

        Assert.Contains("gossipdb.node.host is 0.0.0.0, which others can reach", problem, StringComparison.Ordinal);
        Assert.Contains("gossipdb.security.insecure = on", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gossipdb.node.host = 0.0.0.0\ngossipdb.security.insecure = on")]
    [InlineData("gossipdb.node.host = \"::1\"")]
    [InlineData("gossipdb.node.host = 127.0.0.2")]
    [InlineData(
        "gossipdb.node.host = 10.0.0.1\ngossipdb.security.authentication = on\ngossipdb.tls.certificate = c\ngossipdb.tls.key = k\n"
        + "gossipdb.tls.ca = a")]
    public void A_port_that_others_reach_is_taken_with_both_and_one_that_they_do_not_with_nothing(string settings) =>
        Assert.NotNull(Parse(settings));

    [Fact]
    public void Only_what_the_authority_of_nodes_has_signed_is_a_nodes_and_only_what_that_of_clients_has_signed_a_clients()
    {
        var clients = new TestAuthority("clients");
        File.WriteAllText(Path.Combine(_directory, "clients.crt"), clients.Pem);
        using var certificates = Load(Authority.Node(1), $"gossipdb.tls.client-ca = \"{_directory}/clients.crt\"\n");

        Assert.Equal(new NodeId(7), certificates.Identify(Authority.Node(7), null)?.Node);
        Assert.Null(certificates.Identify(clients.Node(7), null)?.Node);
        Assert.Null(certificates.Identify(clients.Node(7), null)?.User);
        Assert.Equal("alice", certificates.Identify(clients.Client("alice"), null)?.User);
        Assert.Null(certificates.Identify(Authority.Client("alice"), null)?.User);
        Assert.Null(certificates.Identify(Authority.Client("alice"), null)?.Node);
    }

    [Fact]
    public void While_one_authority_takes_the_place_of_another_both_count()
    {
        var next = new TestAuthority("next");
        using var certificates = Load(Authority.Node(1));
        certificates.Watch(_health);
        Assert.Null(certificates.Identify(next.Node(2), null)?.Node);

        File.AppendAllText(Path.Combine(_directory, "ca.crt"), next.Pem);
        certificates.Look();

        Assert.Equal(new NodeId(2), certificates.Identify(next.Node(2), null)?.Node);
        Assert.Equal(new NodeId(2), certificates.Identify(Authority.Node(2), null)?.Node);

        next.Write(_directory, next.Node(1));
        certificates.Look();

        Assert.Equal(new NodeId(2), certificates.Identify(next.Node(2), null)?.Node);
        Assert.Null(certificates.Identify(Authority.Node(2), null)?.Node);
        Assert.DoesNotContain("certificates in use stay", _health.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public void A_user_is_the_one_common_name_of_a_certificate()
    {
        using var certificates = Load(Authority.Node(1));

        Assert.Equal("alice", certificates.Identify(Authority.Client("alice"), null)?.User);
        Assert.Null(certificates.Identify(Authority.Sign("CN=alice,CN=root", []), null)?.User);
        Assert.Null(certificates.Identify(Authority.Sign("O=alice", []), null)?.User);
        Assert.Null(certificates.Identify(Authority.Node(3), null)?.User);
        Assert.Null(certificates.Identify(new TestAuthority().Client("alice"), null)?.User);
        Assert.Null(certificates.Identify(Authority.Client("alice", notAfter: Now.AddHours(-1)), null)?.User);
    }

    [Fact]
    public void A_peer_shows_the_certificate_of_a_node_and_of_the_one_that_was_called()
    {
        using var certificates = Load(Authority.Node(1));

        Assert.Null(certificates.ProblemOfPeer(Authority.Node(2), null, new NodeId(2)));
        Assert.Null(certificates.ProblemOfPeer(Authority.Node(2), null, called: null));
        Assert.Equal("it shows no certificate", certificates.ProblemOfPeer(null, null, null));
        Assert.Equal(
            "the certificate is that of node 3, not of node 2", certificates.ProblemOfPeer(Authority.Node(3), null, new NodeId(2)));
        Assert.Equal("the certificate names no node", certificates.ProblemOfPeer(Authority.Client("alice"), null, null));
        Assert.Equal(
            "another authority has signed the certificate", certificates.ProblemOfPeer(new TestAuthority().Node(2), null, new NodeId(2)));
        Assert.StartsWith(
            "the certificate has expired",
            certificates.ProblemOfPeer(Authority.Node(2, notAfter: Now.AddHours(-1)), null, null), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_change_take_the_place_of_those_before()
    {
        using var certificates = Load(Authority.Node(1));
        certificates.Watch(_health);
        var changes = 0;
        certificates.Changed = () => changes++;
        using var next = Authority.Node(1);

        Authority.Write(_directory, next);
        certificates.Look();
        certificates.Look();

        Assert.Equal(next.Thumbprint, certificates.Current.Own.Thumbprint);
        Assert.Equal(1, changes);
    }

    [Fact]
    public void Files_that_are_no_good_change_nothing_and_are_told_of_until_they_are()
    {
        using var first = Authority.Node(1);
        using var certificates = Load(first);
        certificates.Watch(_health);
        var changes = 0;
        certificates.Changed = () => changes++;

        Authority.Write(_directory, Authority.Node(2));
        certificates.Look();

        Assert.Equal(first.Thumbprint, certificates.Current.Own.Thumbprint);
        Assert.Contains("the certificates in use stay", _health.Trouble, StringComparison.Ordinal);
        Assert.Contains("is the certificate of node 2", _health.Trouble, StringComparison.Ordinal);

        // The old ones are put back.
        Authority.Write(_directory, first);
        certificates.Look();

        Assert.DoesNotContain("certificates in use stay", _health.Trouble, StringComparison.Ordinal);
        Assert.Equal(0, changes);
    }

    [Fact]
    public void A_certificate_that_will_end_soon_is_told_of_and_so_is_the_authoritys()
    {
        using (var certificates = Load(Authority.Node(1, notAfter: Now.AddDays(20)))) certificates.Watch(_health);
        Assert.Contains("gossipdb.tls.certificate: a certificate expires on", _health.Trouble, StringComparison.Ordinal);

        var ending = new TestAuthority(notAfter: Now.AddDays(3));
        var settings = ending.Write(_directory, ending.Node(1, notAfter: Now.AddDays(2)));
        using (var certificates = NodeCertificates.Load(Parse(settings), Serilog.Core.Logger.None)) certificates.Watch(_health);
        Assert.Contains("a certificate expires on", _health.Trouble, StringComparison.Ordinal);

        using (var certificates = Load(Authority.Node(1))) certificates.Watch(_health);
        Assert.DoesNotContain("certificate", _health.Trouble, StringComparison.Ordinal);
    }

    private NodeCertificates Load(X509Certificate2 own, string more = "") =>
        NodeCertificates.Load(Parse(Authority.Write(_directory, own) + more), Serilog.Core.Logger.None);

    private void Refused(X509Certificate2 own, params string[] words)
    {
        var problem = Problem(Authority.Write(_directory, own));
        foreach (var word in words) Assert.Contains(word, problem, StringComparison.Ordinal);
    }

    private static string Problem(string settings) => Assert.Throws<ConfigurationProblem>(
        () => NodeCertificates.Load(Parse(settings), Serilog.Core.Logger.None)).Message;

    private static NodeSettings Parse(string tls) => NodeSettings.Parse(
        $"""
        gossipdb.node.id = 1
        gossipdb.node.data-dir = "data"
        gossipdb.cluster.nodes = ["1 127.0.0.1:5301 https://127.0.0.1:5101"]
        {tls}
        """,
        "node.conf");
}

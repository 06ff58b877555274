using System.Security.Cryptography.X509Certificates;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;

namespace Gossipdb.Cli.Tests;

public sealed class CertsCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Certs => Path.Combine(_directory.Path, "certs");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task An_authority_is_made_once_and_its_key_is_its_owners_alone()
    {
        var (exit, output, _) = await RunAsync("certs", "init", "--dir", Certs);
        var before = await File.ReadAllTextAsync(In("ca.key"));

        Assert.Equal((int)ExitCode.Ok, exit);
        Assert.Contains($"{In("ca.crt")}   the authority", output, StringComparison.Ordinal);
        Assert.Contains($"{In("ca.key")}   its key: whoever has it can be any node", output, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(In("ca.key")));
        using var authority = X509Certificate2.CreateFromPemFile(In("ca.crt"), In("ca.key"));
        Assert.True(authority.NotAfter > DateTime.Now.AddDays(3_600));

        (exit, _, var error) = await RunAsync("certs", "init", "--dir", Certs);

        Assert.Equal((int)ExitCode.Error, exit);
        Assert.Contains($"{In("ca.crt")} is there already: it is not overwritten", error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(In("ca.key")));
    }

    [Fact]
    public async Task A_nodes_certificate_names_it_and_its_hosts_and_is_replaced_only_on_demand()
    {
        await RunAsync("certs", "init", "--dir", Certs);

        var (exit, output, _) = await RunAsync("certs", "node", "3", "--host", "db3.example", "--host", "10.0.0.3", "--dir", Certs);

        Assert.Equal((int)ExitCode.Ok, exit);
        Assert.Contains($"  certificate = \"{In("node-3.crt")}\"\n", output, StringComparison.Ordinal);
        using var made = X509Certificate2.CreateFromPemFile(In("node-3.crt"), In("node-3.key"));
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(In("ca.crt"));
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        Assert.True(chain.Build(made));
        Assert.True(made.MatchesHostname("db3.example"));
        Assert.True(made.MatchesHostname("10.0.0.3"));
        Assert.False(made.MatchesHostname("localhost"));
        (_, output, _) = await RunAsync("certs", "show", In("node-3.crt"));
        Assert.Contains("CN=node 3, signed by CN=Gossipdb authority\n", output, StringComparison.Ordinal);
        Assert.Contains("gossipdb:node:3", output, StringComparison.Ordinal);

        (exit, _, var error) = await RunAsync("certs", "node", "3", "--dir", Certs);
        Assert.Equal((int)ExitCode.Error, exit);
        Assert.Contains("is with --replace", error, StringComparison.Ordinal);
        (exit, _, _) = await RunAsync("certs", "node", "3", "--dir", Certs, "--replace");
        Assert.Equal((int)ExitCode.Ok, exit);
        using var replaced = X509Certificate2.CreateFromPemFile(In("node-3.crt"), In("node-3.key"));
        Assert.NotEqual(made.Thumbprint, replaced.Thumbprint);
    }

    [Fact]
    public async Task A_clients_certificate_names_a_user()
    {
        await RunAsync("certs", "init", "--dir", Certs);

        var (exit, output, _) = await RunAsync("certs", "client", "alice", "--dir", Certs, "--days", "3");

        Assert.Equal((int)ExitCode.Ok, exit);
        Assert.EndsWith(
            $"--ca {In("ca.crt")} --cert {In("client-alice.crt")} --key {In("client-alice.key")}\n", output, StringComparison.Ordinal);
        using var made = X509CertificateLoader.LoadCertificateFromFile(In("client-alice.crt"));
        Assert.Equal("CN=alice", made.Subject);
        Assert.InRange(made.NotAfter - DateTime.Now, TimeSpan.FromDays(2.9), TimeSpan.FromDays(3));
    }

    [Theory]
    [InlineData("'../alice' is no name of a user", "client", "../alice")]
    [InlineData("'a b' is no name of a user", "client", "a b")]
    [InlineData("'0' is no number of a node", "node", "0")]
    [InlineData("--host: 'no host' is no name or address of a host", "node", "1", "--host", "no host")]
    public async Task What_is_no_name_is_told(string problem, params string[] words)
    {
        var (exit, _, error) = await RunAsync(["certs", .. words, "--dir", Certs]);

        Assert.Equal((int)ExitCode.Usage, exit);
        Assert.Contains(problem, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_authority_nothing_is_signed()
    {
        var (exit, _, error) = await RunAsync("certs", "node", "1", "--dir", Certs);

        Assert.Equal((int)ExitCode.Error, exit);
        Assert.Contains($"there is no authority in {Certs}", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_of_TLS_become_those_of_the_client()
    {
        await RunAsync("certs", "init", "--dir", Certs);
        await RunAsync("certs", "client", "alice", "--dir", Certs);
        var command = new System.CommandLine.RootCommand();
        var common = new CommonOptions();
        foreach (var option in common.Connection) command.Options.Add(option);
        GossipdbOptions Of(params string[] words) => common.ClientOptions(command.Parse(words));

        var options = Of("--ca", In("ca.crt"), "--cert", In("client-alice.crt"));

        Assert.Equal(["https://127.0.0.1:5101"], options.Endpoints);
        Assert.Equal(
            (In("ca.crt"), In("client-alice.crt"), In("client-alice.key")),
            (options.Tls!.AuthorityFile, options.Tls.CertificateFile, options.Tls.KeyFile));
        Assert.Null(Of().Tls);
        Assert.Equal(["http://127.0.0.1:5101"], Of().Endpoints);
        Assert.Equal(["db1:5101"], Of("--ca", In("ca.crt"), "--endpoint", "db1:5101").Endpoints);
        Assert.Contains(
            "write https://",
            Assert.Throws<CliException>(() => Of("--ca", In("ca.crt"), "--endpoint", "http://db1:5101")).Message, StringComparison.Ordinal);
        Assert.Contains("there is no file", Assert.Throws<CliException>(() => Of("--ca", In("no.crt"))).Message, StringComparison.Ordinal);
        Assert.Equal("--key goes with --cert", Assert.Throws<CliException>(() => Of("--key", In("ca.key"))).Message);
    }

    private string In(string file) => Path.Combine(Certs, file);

    private static async Task<(int Exit, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var exit = await CommandLine.RunAsync(args, new Terminal(output, error, interactive: false), NoNode.Runner, CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }
}

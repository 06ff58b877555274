using System.CommandLine;
using System.Net;
using Gossipdb.Cli.Output;
using Gossipdb.Client;
using Gossipdb.LocalCluster;

namespace Gossipdb.Cli.Words;

/// <summary>The options that say whom a command trusts over TLS, and what it shows.</summary>
internal sealed class TlsOptions
{
    public const string CaVariable = "GOSSIPDB_CA";
    public const string CertVariable = "GOSSIPDB_CERT";
    public const string KeyVariable = "GOSSIPDB_KEY";

    /// <summary>Where <c>up</c> keeps a cluster, unless it is told otherwise.</summary>
    public static readonly string LocalDirectory = Path.Combine("data", "local");

    public Option<string?> Ca { get; } = File(
        "--ca", $"The authority that has signed the nodes' certificates (environment: {CaVariable}; for a cluster of 'up' in "
            + $"{Path.Combine("data", "local")} it is found)");

    public Option<string?> Cert { get; } = File("--cert", $"A certificate that says who calls (environment: {CertVariable})");

    public Option<string?> Key { get; } = File(
        "--key", $"The certificate's private key (default: the .key beside --cert; environment: {KeyVariable})");

    public IEnumerable<Option> All => [Ca, Cert, Key];

    /// <summary>What a command line says of TLS; null where it says nothing.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="endpoints">Where nodes are called.</param>
    public GossipdbTls? Of(ParseResult parse, IEnumerable<string> endpoints)
    {
        var (ca, cert, key) = (Given(parse, Ca, CaVariable), Given(parse, Cert, CertVariable), Given(parse, Key, KeyVariable));
        foreach (var option in (Option<string?>[])[Ca, Cert])
        {
            if (parse.GetValue(option) is not null && endpoints.FirstOrDefault(IsPlain) is { } plain)
                throw CliException.Usage($"{option.Name} is of no use with {plain}, which is not encrypted: write https://");
        }

        if (key is not null && cert is null) throw CliException.Usage("--key goes with --cert");
        ca ??= endpoints.All(IsOnThisMachine) ? ClusterCertificates.FindAuthority(LocalDirectory) : null;
        if (ca is null && cert is null) return null;
        return new GossipdbTls
        {
            AuthorityFile = Existing("--ca", ca),
            CertificateFile = Existing("--cert", cert),
            KeyFile = cert is null ? null : Existing("--key", key ?? Path.ChangeExtension(cert, ".key")),
        };
    }

    private static Option<string?> File(string name, string description) => new(name) { Description = description, HelpName = "FILE" };

    private static string? Given(ParseResult parse, Option<string?> option, string variable) =>
        parse.GetValue(option) ?? (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given ? given : null);

    private static string? Existing(string option, string? file) => file is null || System.IO.File.Exists(file)
        ? file
        : throw CliException.Usage($"{option}: there is no file {file}");

    private static bool IsPlain(string endpoint) => endpoint.Trim().StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    private static bool IsOnThisMachine(string endpoint) =>
        Uri.TryCreate(endpoint.Contains("://", StringComparison.Ordinal) ? endpoint : $"https://{endpoint}", UriKind.Absolute, out var url)
        && (url.Host == "localhost" || (IPAddress.TryParse(url.Host, out var address) && IPAddress.IsLoopback(address)));
}

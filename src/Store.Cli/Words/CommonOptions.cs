using System.CommandLine;
using System.Diagnostics;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Words;

/// <summary>The options and arguments that several commands share, one instance of each for one parser.</summary>
internal sealed class CommonOptions
{
    public const string DefaultEndpoint = "http://127.0.0.1:5101";
    public const string DefaultSecureEndpoint = "https://127.0.0.1:5101";
    public const string EndpointVariable = "GOSSIPDB_ENDPOINT";

    public Option<string> Endpoint { get; } = new("--endpoint")
    {
        Description = $"Where nodes serve clients, separated by commas (environment: {EndpointVariable})",
        HelpName = "URL,…",
        DefaultValueFactory = _ => EndpointsByDefault(),
    };

    public TlsOptions Tls { get; } = new();

    public Option<bool> Only { get; } = new("--only")
    {
        Description = "Talk to the given endpoints alone instead of also to the nodes they name: stays on one side of a cut",
    };

    public Option<TimeSpan?> Timeout { get; } = Parsers.Option<TimeSpan?>(
        "--timeout",
        "How long a call may take, connecting and retries included: 500ms, 2s (default: 5s)",
        "TIME",
        static text => Parsers.Duration(text));

    public Option<bool> Json { get; } = new("--json") { Description = "Print one JSON document, on errors too" };

    public Option<Read> R { get; } = Parsers.Option(
        "--r", "How many replicas a read asks: one, two, quorum, all, or a number; with -sloppy behind it stand-ins count too (default: "
            + "what the node is configured to do)", "LEVEL", Parsers.ReadLevel);

    public Option<Write> W { get; } = Parsers.Option(
        "--w", "How many replicas must have a write: one, two, quorum, all, or a number; with -sloppy behind it stand-ins count too "
            + "(default: what the node is configured to do)", "LEVEL", Parsers.WriteLevel);

    public Option<Durability> Durability { get; } = Parsers.Option(
        "--durability",
        "What a replica has done before it counts: 'journal' survives kill -9, 'memory' does not wait for the disk (default: journal)",
        "journal|memory",
        Parsers.DurabilityOf);

    public Option<Bytes[]> Field { get; }

    public Option<TimeSpan?> Expires { get; } = Parsers.Option<TimeSpan?>(
        "--expires",
        "Let the key live so long from now on: 30s, 15m, 12h, 7d (default: as it is)",
        "TIME",
        static text => Parsers.Lifetime(text));

    public Option<Read?> Within { get; } = Parsers.Option<Read?>(
        "--within",
        "Ask one replica, for an answer that lags no more than this: 500ms, 5s; in place of --r",
        "TIME",
        static text => Read.Within(Parsers.Duration(text)));

    public Option<string?> Session { get; } = new("--session")
    {
        Description = "Go on with the session whose token the file holds, and keep its token there: the call sees what the session's calls "
            + "before it wrote and read",
        HelpName = "FILE",
    };

    public Argument<Bytes> Key { get; }

    /// <summary>What says who calls.</summary>
    public LoginOptions Login { get; } = new();

    /// <summary>What says bytes, and how.</summary>
    public ByteSymbols Bytes { get; } = new();

    public CommonOptions()
    {
        Key = Bytes.One("KEY", "The key");
        Field = Bytes.Options(
            "--field", "A field of the map at KEY, instead of KEY itself; given again, a field of the map in that field", "FIELD");
    }

    /// <summary>What a command needs that talks to a cluster.</summary>
    public IEnumerable<Option> Connection => [Endpoint, Only, .. Tls.All, Timeout, Json, .. Login.All];

    /// <summary>The connection a command line asks for.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="useLogin">Whether an earlier login counts, where nothing else says who calls.</param>
    public GossipdbOptions ClientOptions(ParseResult parse, bool useLogin = true)
    {
        var options = GossipdbOptions.ForEndpoints(parse.GetRequiredValue(Endpoint));
        if (options.Endpoints.Count == 0) throw CliException.Usage("--endpoint names no endpoint");
        if (options.Endpoints.FirstOrDefault(static endpoint => !IsEndpoint(endpoint)) is { } wrong)
            throw CliException.Usage($"--endpoint: '{wrong}' is no endpoint; write http://host:port, or https:// with TLS");
        var isDefault = options.Endpoints is [DefaultEndpoint] && parse.GetResult(Endpoint)?.Implicit != false;
        options.Tls = Tls.Of(parse, isDefault ? [DefaultSecureEndpoint] : options.Endpoints);
        if (isDefault && options.Tls is not null) options.Endpoints = [DefaultSecureEndpoint];
        options.Discover = !parse.GetValue(Only);
        options.Timeout = TimeoutOf(parse);

        // Who types a command wants to know at once that nobody listens.
        options.WaitForNode = false;

        // Who shows a certificate is who it says, whoever logged in before.
        Login.Apply(parse, options, useLogin && options.Tls?.CertificateFile is null);
        return options;
    }

    /// <summary>A connected client, and how much of --timeout connecting has left for the call.</summary>
    public async Task<(GossipdbClient Client, TimeSpan Left)> ConnectAsync(ParseResult parse, CancellationToken stop)
    {
        var begun = Stopwatch.GetTimestamp();
        var client = await GossipdbClient.ConnectAsync(ClientOptions(parse), stop);
        var left = TimeoutOf(parse) - Stopwatch.GetElapsedTime(begun);
        return (client, left > LeastTimeout ? left : LeastTimeout);
    }

    /// <summary>What a command line asks of a write. What it does not say is the node's to decide.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="left">How long the call may take; null: all of --timeout.</param>
    public Write WriteConsistency(ParseResult parse, TimeSpan? left = null) =>
        (parse.GetValue(W) ?? Write.Default) with
        {
            Durability = parse.GetValue(Durability),
            Timeout = left ?? TimeoutOf(parse),
            Lifetime = parse.GetValue(Expires),
        };

    /// <summary>What a command line asks of a read. What it does not say is the node's to decide.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="left">How long the call may take; null: all of --timeout.</param>
    public Read ReadConsistency(ParseResult parse, TimeSpan? left = null)
    {
        var (level, within) = (parse.GetValue(R), parse.GetValue(Within));
        if (level is not null && within is not null) throw CliException.Usage("--r and --within exclude each other");
        return (within ?? level ?? Read.Default) with { Timeout = left ?? TimeoutOf(parse) };
    }

    private static readonly TimeSpan LeastTimeout = TimeSpan.FromMilliseconds(1);

    /// <summary>How long one call may take.</summary>
    public TimeSpan TimeoutOf(ParseResult parse) => parse.GetValue(Timeout) ?? TimeSpan.FromSeconds(5);

    private static bool IsEndpoint(string text) =>
        Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}", UriKind.Absolute, out var url)
        && url is { Scheme: "http" or "https", UserInfo: "", PathAndQuery: "/", Fragment: "" };

    private static string EndpointsByDefault() =>
        Environment.GetEnvironmentVariable(EndpointVariable) is { Length: > 0 } given ? given : DefaultEndpoint;
}

using Microsoft.Extensions.Logging;

namespace Gossipdb.Client;

/// <summary>How a client reaches a cluster, and what its calls ask for where they say nothing.</summary>
public sealed class GossipdbOptions
{
    /// <summary>
    /// Addresses of some of the cluster's nodes: "http://host:port", or "https://host:port" where they speak TLS. One without a scheme
    /// means https where <see cref="Tls"/> is set, and else http.
    /// </summary>
    public IReadOnlyList<string> Endpoints { get; set; } = [];

    /// <summary>
    /// Whom the client trusts, and what it shows of itself, where nodes speak TLS. Null trusts whom the machine trusts, and shows nothing.
    /// </summary>
    public GossipdbTls? Tls { get; set; }

    /// <summary>
    /// Who calls, where nodes want to know (<c>gossipdb.security.authentication</c>): with <see cref="Password"/>. Null for whom the
    /// client's certificate or <see cref="Token"/> says.
    /// </summary>
    public string? User { get; set; }

    /// <summary>The user's password. Never shown, nor in any message.</summary>
    public string? Password { get; set; }

    /// <summary>
    /// Gives a token that says who calls: of an OpenID issuer, or of <see cref="GossipdbAdmin.LoginAsync"/>. Asked when the first
    /// connection is made, and again when the token has expired. In place of a password.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? Token { get; set; }

    /// <summary>
    /// Whether to learn the cluster's other nodes and send every call to an owner of its key. Otherwise the client talks only to
    /// the given endpoints, and so stays on one side of a network partition. On by default.
    /// </summary>
    public bool Discover { get; set; } = true;

    /// <summary>
    /// What reads that name no consistency ask for; unless set, what the node is configured to do (<see cref="Read.Default"/>):
    /// <c>quorum-sloppy</c>, unless changed there.
    /// </summary>
    public Read DefaultRead { get; set; } = Read.Default;

    /// <summary>
    /// What writes that name no consistency ask for; unless set, what the node is configured to do (<see cref="Write.Default"/>):
    /// <c>quorum-sloppy</c>, unless changed there.
    /// </summary>
    public Write DefaultWrite { get; set; } = Write.Default;

    /// <summary>
    /// Whether the calls made on the client itself are one session: each sees what the ones before it wrote and read, at any consistency
    /// and on any node, or fails as <see cref="SessionUnavailableException"/>. On by default. Without, every call stands for itself;
    /// sessions can be opened all the same.
    /// </summary>
    public bool Session { get; set; } = true;

    /// <summary>
    /// How long a call may take, connecting and retries included; and how long
    /// <see cref="GossipdbClient.ConnectAsync(GossipdbOptions, CancellationToken)"/> may. 5 seconds by default; kept to within 50
    /// milliseconds.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long one attempt to connect to a node may take while another node is connected, or nobody waits. 2 seconds by default. While
    /// none is, an attempt goes on for as long as some call
    /// waits: it is the call's <see cref="Timeout"/> that ends it.
    /// </summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// What the calls travel over: <see cref="ClientTransport.Frames"/> by default. Watches and <see cref="GossipdbAdmin"/> use gRPC in any
    /// case.
    /// </summary>
    public ClientTransport Transport { get; set; } = ClientTransport.Frames;

    /// <summary>How many calls may be under way at once; further ones wait, within their timeout. 16,384 by default.</summary>
    public int MaxInFlight { get; set; } = 16_384;

    /// <summary>How often to ask which node owns what. 5 seconds by default; a lost connection makes the client ask at once.</summary>
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Where the client reports connections made and lost. Nowhere by default.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>The endpoints and the user; never a secret.</summary>
    public override string ToString() =>
        $"endpoints={string.Join(',', Endpoints)}{(User is null ? "" : $";user={User}")}{(Token is null ? "" : ";token given")}";

    /// <summary>
    /// Options from a connection string, such as <c>endpoints=https://a:5101,https://b:5101;user=shop;password=…;ca=ca.pem</c>. There are
    /// <c>endpoints</c>, <c>user</c>, <c>password</c>, <c>token</c>, <c>ca</c>, <c>cert</c>, <c>key</c>, <c>timeout</c> (seconds),
    /// <c>transport</c> and <c>discover</c>. A value with a semicolon stands in quotes.
    /// </summary>
    /// <exception cref="ArgumentException">It is none; the message names the word, and never a value.</exception>
    public static GossipdbOptions Parse(string connectionString) =>
        Connection.ConnectionString.Parse(connectionString);

    /// <summary>The default options, with endpoints from a comma-separated list.</summary>
    public static GossipdbOptions ForEndpoints(string endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return new GossipdbOptions
        {
            Endpoints = endpoints.Split([',', ';', ' '], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        };
    }
}

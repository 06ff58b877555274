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
    /// Whether <see cref="GossipdbClient.ConnectAsync(GossipdbOptions, CancellationToken)"/> goes on for all of <see cref="Timeout"/> while
    /// nobody listens yet, as where an application starts together with its cluster. On by default. Off, it fails as soon as every endpoint
    /// has refused. What no waiting mends (who answers is not trusted, or does not let the client in) fails at once either way.
    /// </summary>
    public bool WaitForNode { get; set; } = true;

    /// <summary>
    /// How often a call is sent at most, the first time included: again where an attempt certainly did nothing, or its answer was lost.
    /// A write keeps its name and is executed once. 6 by default; 1 sends nothing twice; at most 100.
    /// </summary>
    public int MaxAttempts { get; set; } = 6;

    /// <summary>
    /// How long a call waits at most before it is sent again to nodes that were too busy for it. Doubles with every attempt, up to
    /// <see cref="MaxRetryDelay"/>; a part of it is drawn by chance. 10 milliseconds by default. Elsewhere another node is tried at once.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>What <see cref="RetryDelay"/> grows to. 250 milliseconds by default.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How long a read waits for its answer before a second owner of the key is asked, too; the first answer counts (hedged requests, Dean
    /// and Barroso, "The Tail at Scale", 2013). About what 95 of 100 reads take is a good choice. Null, the default: never. Writes are
    /// never hedged. Both reads ask for the same consistency and the same session.
    /// </summary>
    public TimeSpan? HedgeDelay { get; set; }

    /// <summary>
    /// How many reads may be hedged, as a share of those made: above 0, at most 1. 0.1 by default, so that a cluster that is slow as a
    /// whole
    /// is not asked for twice as much. <see cref="GossipdbClient.Counts"/> tells how many were, and how many were withheld.
    /// </summary>
    public double HedgeShare { get; set; } = 0.1;

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
    /// <c>endpoints</c>, <c>user</c>, <c>password</c>, <c>token</c>, <c>ca</c>, <c>cert</c>, <c>key</c>, <c>transport</c>; <c>read</c> and
    /// <c>write</c> (<c>quorum</c>, <c>two-sloppy</c>, <c>3</c>), <c>durability</c> (<c>journal</c>, <c>memory</c>); <c>timeout</c>,
    /// <c>connect-timeout</c>, <c>refresh-interval</c>, <c>retry-delay</c>, <c>max-retry-delay</c> and <c>hedge-delay</c> (seconds, or
    /// <c>250ms</c>); <c>max-attempts</c>, <c>max-in-flight</c> and <c>hedge-share</c>; <c>discover</c>, <c>session</c> and
    /// <c>wait-for-node</c> (<c>true</c>, <c>false</c>). A value with a semicolon stands in quotes.
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

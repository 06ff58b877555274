using Gossipdb.Client.Routing;

namespace Gossipdb.Client;

/// <summary>
/// A client of a Gossipdb cluster. One serves a whole application: it is safe for any number of callers at once, keeps one
/// connection to each node, sends every call to an owner of its key, and tries another node where one fails.
/// </summary>
public class GossipdbClient : GossipdbStore, IAsyncDisposable, IDisposable
{
    /// <summary>
    /// What the client's spans and metrics are named after: the name of its <see cref="System.Diagnostics.ActivitySource"/> and of its
    /// <see cref="System.Diagnostics.Metrics.Meter"/>, for <c>AddSource</c> and <c>AddMeter</c> of OpenTelemetry. They follow its
    /// conventions for database clients.
    /// </summary>
    public const string TelemetryName = "Gossipdb.Client";

    private static readonly Func<Dispatcher, SessionClock?, CallScope> Plain = static (dispatcher, clock) => new(dispatcher, clock);

    private readonly Dispatcher? _dispatcher; // null of a stand-in
    private readonly Func<Dispatcher, SessionClock?, CallScope> _scopeOf = Plain;
    private readonly GossipdbSession? _session;

    /// <summary>Creates a client that connects when it is first used.</summary>
    /// <exception cref="ArgumentException">An option makes no sense; the message names it.</exception>
    public GossipdbClient(GossipdbOptions options)
        : this(options, Plain)
    {
    }

    /// <summary>For <c>Gossipdb.Testing</c>, which records calls: makes a client whose calls, and those of its sessions, go through scopes
    /// of its caller's making.</summary>
    internal GossipdbClient(GossipdbOptions options, Func<Dispatcher, SessionClock?, CallScope> scopeOf)
        : this(new Dispatcher(options), scopeOf)
    {
    }

    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected GossipdbClient()
    {
    }

    private GossipdbClient(Dispatcher dispatcher, Func<Dispatcher, SessionClock?, CallScope> scopeOf)
        : base(scopeOf(dispatcher, dispatcher.Settings.Session ? new SessionClock() : null))
    {
        (_dispatcher, _scopeOf) = (dispatcher, scopeOf);
        _session = Scope.Clock is null ? null : new GossipdbSession(Scope);
    }

    /// <summary>
    /// The session that the calls made on the client itself are part of, so that each sees what the ones before it wrote and read; null
    /// where
    /// <see cref="GossipdbOptions.Session"/> is off.
    /// </summary>
    public virtual GossipdbSession? Session => _session;

    /// <summary>What has become of the calls so far: how many there were, were sent again, were hedged.</summary>
    public virtual ClientCounts Counts => Dispatcher.Counters.Snapshot();

    /// <summary>
    /// A session of its own: what it guarantees its calls takes nothing but them into account. Opening one costs no call.
    /// </summary>
    public virtual GossipdbSession OpenSession() => OpenSession(ClockToken.None);

    /// <summary>A session that goes on where another one was when it gave this token, in this process or in another.</summary>
    public virtual GossipdbSession OpenSession(ClockToken token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return new GossipdbSession(_scopeOf(Dispatcher, new SessionClock(token)));
    }

    /// <summary>Creates a client, and waits until it is connected to a first node.</summary>
    /// <param name="endpoints">Addresses of some of the cluster's nodes, separated by commas.</param>
    /// <param name="cancellation">Gives up connecting.</param>
    /// <exception cref="ConnectionException">
    /// No node was reached within <see cref="GossipdbOptions.Timeout"/>; or at once, where no waiting helps (none is trusted) or none is
    /// wanted (<see cref="GossipdbOptions.WaitForNode"/>).
    /// </exception>
    /// <exception cref="AuthenticationFailedException">The nodes do not let the client in.</exception>
    public static Task<GossipdbClient> ConnectAsync(string endpoints, CancellationToken cancellation = default) =>
        ConnectAsync(GossipdbOptions.ForEndpoints(endpoints), cancellation);

    /// <summary>Creates a client, and waits until it is connected to a first node.</summary>
    /// <param name="options">The client's options.</param>
    /// <param name="cancellation">Gives up connecting.</param>
    /// <exception cref="ConnectionException">
    /// No node was reached within <see cref="GossipdbOptions.Timeout"/>; or at once, where no waiting helps (none is trusted) or none is
    /// wanted (<see cref="GossipdbOptions.WaitForNode"/>).
    /// </exception>
    /// <exception cref="AuthenticationFailedException">The nodes do not let the client in.</exception>
    public static async Task<GossipdbClient> ConnectAsync(GossipdbOptions options, CancellationToken cancellation = default)
    {
        var client = new GossipdbClient(options);
        try
        {
            await client.EnsureConnectedAsync(cancellation).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Connects to the cluster, unless the client is connected already.</summary>
    /// <exception cref="ConnectionException">
    /// No node was reached within <see cref="GossipdbOptions.Timeout"/>; or at once, where no waiting helps (none is trusted) or none is
    /// wanted (<see cref="GossipdbOptions.WaitForNode"/>).
    /// </exception>
    /// <exception cref="AuthenticationFailedException">The nodes do not let the client in.</exception>
    public virtual Task EnsureConnectedAsync(CancellationToken cancellation = default) => Dispatcher.ConnectAsync(cancellation);

    /// <summary>Asks every node for a sign of life: how many are known, and how many answer.</summary>
    internal async Task<(int Nodes, int Answering)> AskNodesAsync(CancellationToken cancellation)
    {
        await EnsureConnectedAsync(cancellation).ConfigureAwait(false);
        var nodes = Dispatcher.Nodes;
        var answers = await Task.WhenAll(Array.ConvertAll(nodes, node => node.AnswersAsync(cancellation))).ConfigureAwait(false);
        return (nodes.Length, answers.Count(static answers => answers));
    }

    private Dispatcher Dispatcher => _dispatcher ?? throw StandIn.NotOverridden(this);

    /// <summary>Closes the connections. Calls under way end with <see cref="ObjectDisposedException"/>.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _dispatcher is null ? default : new(_dispatcher.DisposeAsync());
    }

    /// <summary>Closes the connections without waiting for that to finish.</summary>
    public virtual void Dispose()
    {
        GC.SuppressFinalize(this);
        _dispatcher?.BeginDispose();
    }
}

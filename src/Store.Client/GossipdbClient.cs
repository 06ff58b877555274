using Gossipdb.Client.Routing;

namespace Gossipdb.Client;

/// <summary>
/// A client of a Gossipdb cluster. One serves a whole application: it is safe for any number of callers at once, keeps one
/// connection to each node, sends every call to an owner of its key, and tries another node where one fails.
/// </summary>
public sealed class GossipdbClient : GossipdbStore, IAsyncDisposable, IDisposable
{
    private readonly Dispatcher _dispatcher;
    private readonly GossipdbSession? _session;

    /// <summary>Creates a client that connects when it is first used.</summary>
    /// <exception cref="ArgumentException">An option makes no sense; the message names it.</exception>
    public GossipdbClient(GossipdbOptions options)
        : this(new Dispatcher(options))
    {
    }

    private GossipdbClient(Dispatcher dispatcher)
        : base(new CallScope(dispatcher, dispatcher.Settings.Session ? new SessionClock() : null))
    {
        _dispatcher = dispatcher;
        _session = Scope.Clock is null ? null : new GossipdbSession(Scope);
    }

    /// <summary>
    /// The session that the calls made on the client itself are part of, so that each sees what the ones before it wrote and read; null
    /// where
    /// <see cref="GossipdbOptions.Session"/> is off.
    /// </summary>
    public GossipdbSession? Session => _session;

    /// <summary>What has become of the calls so far: how many there were, were sent again, were hedged.</summary>
    public ClientCounts Counts => _dispatcher.Counters.Snapshot();

    /// <summary>
    /// A session of its own: what it guarantees its calls takes nothing but them into account. Opening one costs no call.
    /// </summary>
    public GossipdbSession OpenSession() => OpenSession(ClockToken.None);

    /// <summary>A session that goes on where another one was when it gave this token, in this process or in another.</summary>
    public GossipdbSession OpenSession(ClockToken token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return new GossipdbSession(new CallScope(_dispatcher, new SessionClock(token)));
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
    public Task EnsureConnectedAsync(CancellationToken cancellation = default) => _dispatcher.ConnectAsync(cancellation);

    /// <summary>Closes the connections. Calls under way end with <see cref="ObjectDisposedException"/>.</summary>
    public ValueTask DisposeAsync() => new(_dispatcher.DisposeAsync());

    /// <summary>Closes the connections without waiting for that to finish.</summary>
    public void Dispose() => _dispatcher.BeginDispose();
}

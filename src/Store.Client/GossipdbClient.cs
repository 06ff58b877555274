using Gossipdb.Client.Routing;

namespace Gossipdb.Client;

/// <summary>
/// A client of a Gossipdb cluster. One serves a whole application: it is safe for any number of callers at once, keeps one
/// connection to each node, sends every call to an owner of its key, and tries another node where one fails.
/// </summary>
public sealed class GossipdbClient : IAsyncDisposable, IDisposable
{
    private readonly Dispatcher _dispatcher;

    /// <summary>Creates a client that connects when it is first used.</summary>
    /// <exception cref="ArgumentException">An option makes no sense; the message names it.</exception>
    public GossipdbClient(GossipdbOptions options) => _dispatcher = new Dispatcher(options);

    /// <summary>Creates a client and connects it.</summary>
    /// <param name="endpoints">Addresses of some of the cluster's nodes, separated by commas.</param>
    /// <param name="cancellation">Gives up connecting.</param>
    /// <exception cref="ConnectionException">No endpoint could be reached.</exception>
    public static Task<GossipdbClient> ConnectAsync(string endpoints, CancellationToken cancellation = default) =>
        ConnectAsync(GossipdbOptions.ForEndpoints(endpoints), cancellation);

    /// <summary>Creates a client and connects it.</summary>
    /// <param name="options">The client's options.</param>
    /// <param name="cancellation">Gives up connecting.</param>
    /// <exception cref="ConnectionException">No endpoint could be reached.</exception>
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
    /// <exception cref="ConnectionException">No endpoint could be reached.</exception>
    public Task EnsureConnectedAsync(CancellationToken cancellation = default) => _dispatcher.ConnectAsync(cancellation);

    /// <summary>A counter.</summary>
    public CounterHandle Counter(string key) => new(_dispatcher, key);

    /// <summary>A set of strings.</summary>
    public SetHandle Set(string key) => new(_dispatcher, key);

    /// <summary>A last-writer-wins register.</summary>
    public RegisterHandle Register(string key) => new(_dispatcher, key);

    /// <summary>A register that keeps concurrent values.</summary>
    public MultiRegisterHandle MultiRegister(string key) => new(_dispatcher, key);

    /// <summary>A flag.</summary>
    public FlagHandle Flag(string key) => new(_dispatcher, key);

    /// <summary>A map.</summary>
    public MapHandle Map(string key) => new(_dispatcher, key);

    /// <summary>Deletes a key, of whatever type, as far as the executing replica knows it; concurrent changes stay.</summary>
    public async Task<Receipt> DeleteAsync(string key, Write? consistency = null, CancellationToken cancellation = default)
    {
        var reply = await _dispatcher.WriteAsync(KeyBytes.Of(key), new() { Delete = new() }, 0, consistency, cancellation)
            .ConfigureAwait(false);
        return new Receipt(reply.Receipt);
    }

    /// <summary>What a key holds, of whatever type; null where it holds nothing.</summary>
    public async Task<StoredValue?> GetAsync(string key, Read? consistency = null, CancellationToken cancellation = default) =>
        (await ReadAsync(key, consistency, cancellation).ConfigureAwait(false)).Value;

    /// <summary>What a key holds, of whatever type, with the receipt.</summary>
    public async Task<Result<StoredValue?>> ReadAsync(
        string key, Read? consistency = null, CancellationToken cancellation = default)
    {
        var reply = await _dispatcher.ReadAsync(KeyBytes.Of(key), new() { Read = new() }, consistency, cancellation)
            .ConfigureAwait(false);
        var value = reply.Value is { ValueCase: not Protocol.Value.ValueOneofCase.None } present ? new StoredValue(present) : null;
        return new(value, new Receipt(reply.Receipt));
    }

    /// <summary>Closes the connections. Calls under way end with <see cref="ObjectDisposedException"/>.</summary>
    public ValueTask DisposeAsync() => new(_dispatcher.DisposeAsync());

    /// <summary>Closes the connections without waiting for that to finish.</summary>
    public void Dispose() => _dispatcher.BeginDispose();
}

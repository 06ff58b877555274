using Gossipdb.Client.Routing;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>
/// A client of a Gossipdb cluster. One serves a whole application: it is safe for any number of callers at once, keeps one
/// connection to each node, sends every call to an owner of its key, and tries another node where one fails.
/// </summary>
public sealed class GossipdbClient : ObjectHandles, IAsyncDisposable, IDisposable
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

    /// <summary>Deletes a key, of whatever type, as far as the executing replica knows it; concurrent changes stay.</summary>
    public Task<Receipt> DeleteAsync(string key, Write? consistency = null, CancellationToken cancellation = default) =>
        WriteAsync(key, new() { Delete = new() }, consistency, cancellation);

    /// <summary>
    /// Gives a key a new life, which ends so long from now by the coordinator's clock, and changes nothing else. Of lives given
    /// concurrently the longest wins. A key that has outlived its life holds nothing.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The lifetime is shorter than a millisecond.</exception>
    public Task<Receipt> ExpireAsync(string key, TimeSpan lifetime, Write? consistency = null, CancellationToken cancellation = default)
    {
        LifetimeCodec.Check(lifetime, nameof(lifetime));
        return WriteAsync(key, new() { Expire = LifetimeCodec.ToWire(lifetime) }, consistency, cancellation);
    }

    /// <summary>Lets a key live for ever.</summary>
    public Task<Receipt> PersistAsync(string key, Write? consistency = null, CancellationToken cancellation = default) =>
        WriteAsync(key, new() { Expire = new() { ForEver = true } }, consistency, cancellation);

    /// <summary>Until when a key lives; null where it lives for ever or holds nothing.</summary>
    public async Task<DateTimeOffset?> GetExpiryAsync(string key, Read? consistency = null, CancellationToken cancellation = default) =>
        (await GetInfoAsync(key, consistency, cancellation).ConfigureAwait(false)).ExpiresAt;

    /// <summary>The type of what a key holds, and until when it lives, without fetching it.</summary>
    public Task<KeyInfo> GetInfoAsync(string key, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadInfoAsync(key, consistency, cancellation).ValueAsync();

    /// <summary>The type of what a key holds, and until when it lives, with the receipt.</summary>
    public async Task<Result<KeyInfo>> ReadInfoAsync(string key, Read? consistency = null, CancellationToken cancellation = default)
    {
        var (value, receipt) = await QueryAsync(key, new() { Expiry = new() }, consistency, cancellation).ConfigureAwait(false);
        return new(value is null ? new KeyInfo(StoredType.None, null) : new(value.Type, value.ExpiresAt), receipt);
    }

    /// <summary>What a key holds, of whatever type; null where it holds nothing.</summary>
    public Task<StoredValue?> GetAsync(string key, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadAsync(key, consistency, cancellation).ValueAsync();

    /// <summary>What a key holds, of whatever type, with the receipt.</summary>
    public Task<Result<StoredValue?>> ReadAsync(string key, Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(key, new(), consistency, cancellation);

    /// <summary>Closes the connections. Calls under way end with <see cref="ObjectDisposedException"/>.</summary>
    public ValueTask DisposeAsync() => new(_dispatcher.DisposeAsync());

    /// <summary>Closes the connections without waiting for that to finish.</summary>
    public void Dispose() => _dispatcher.BeginDispose();

    private protected override ObjectAddress At(string name) => ObjectAddress.OfKey(_dispatcher, name);

    private async Task<Receipt> WriteAsync(string key, Wire.Request request, Write? consistency, CancellationToken cancellation)
    {
        var reply = await _dispatcher.WriteAsync(KeyBytes.Of(key), request, 0, consistency, cancellation).ConfigureAwait(false);
        return new Receipt(reply.Receipt);
    }

    private async Task<Result<StoredValue?>> QueryAsync(string key, Wire.Read read, Read? consistency, CancellationToken cancellation)
    {
        var reply = await _dispatcher.ReadAsync(KeyBytes.Of(key), new() { Read = read }, consistency, cancellation).ConfigureAwait(false);
        var value = reply.Value is { ValueCase: not Wire.Value.ValueOneofCase.None } present ? new StoredValue(present) : null;
        return new(value, new Receipt(reply.Receipt));
    }
}

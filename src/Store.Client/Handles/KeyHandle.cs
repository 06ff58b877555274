using Gossipdb.Client.Routing;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>A key seen as one type of object. Making one costs no call; it can be kept, and used by many callers at once.</summary>
public abstract class KeyHandle
{
    private readonly Dispatcher _dispatcher;
    private readonly KeyBytes _key;

    private protected KeyHandle(Dispatcher dispatcher, string key)
    {
        _dispatcher = dispatcher;
        Key = key;
        _key = KeyBytes.Of(key);
    }

    /// <summary>The key.</summary>
    public string Key { get; }

    private protected async Task<Receipt> UpdateAsync(Wire.Update update, int bytes, Write? consistency, CancellationToken cancellation)
    {
        var request = new Wire.Request { Update = update };
        var reply = await _dispatcher.WriteAsync(_key, request, bytes, consistency, cancellation).ConfigureAwait(false);
        return new Receipt(reply.Receipt);
    }

    // One read for every type: the answer is the type's value, or null where the key holds no such object.
    private protected async Task<(Wire.Value? Value, Receipt Receipt)> QueryAsync(
        Wire.Read read, Wire.Value.ValueOneofCase expected, Read? consistency, CancellationToken cancellation)
    {
        var request = new Wire.Request { Read = read };
        var reply = await _dispatcher.ReadAsync(_key, request, consistency, cancellation).ConfigureAwait(false);
        var value = reply.Value is { ValueCase: not Wire.Value.ValueOneofCase.None } present ? present : null;
        if (value is not null && value.ValueCase != expected)
            throw new WrongTypeException($"The key '{Key}' holds a {ValueCodec.TypeOf(value)}, not a {expected}.");
        return (value, new Receipt(reply.Receipt));
    }
}

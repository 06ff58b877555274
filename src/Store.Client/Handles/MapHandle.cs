using Gossipdb.Client.Routing;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>Named fields, each of a type of its own, changed several at a time in one write.</summary>
public sealed class MapHandle : KeyHandle
{
    private static readonly Wire.Read Query = new() { Type = Wire.ValueType.Map };

    internal MapHandle(Dispatcher dispatcher, string key)
        : base(dispatcher, key)
    {
    }

    /// <summary>Changes fields, all or none: no reader sees some of the changes without the others.</summary>
    public Task<Receipt> UpdateAsync(Action<MapUpdate> build, Write? consistency = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(build);
        var update = new MapUpdate();
        build(update);
        return UpdateAsync(new Wire.Update { MapUpdate = update.Message }, update.Bytes, consistency, cancellation);
    }

    /// <summary>Removes a field, as far as the executing replica knows it; concurrent changes of it stay.</summary>
    public Task<Receipt> RemoveAsync(string field, Write? consistency = null, CancellationToken cancellation = default)
    {
        var name = ValueCodec.Bytes(field);
        return UpdateAsync(
            new Wire.Update { MapRemove = new() { Fields = { name } } }, name.Length, consistency, cancellation);
    }

    /// <summary>Removes fields, all in one write.</summary>
    public Task<Receipt> RemoveAsync(
        IEnumerable<string> fields, Write? consistency = null, CancellationToken cancellation = default)
    {
        var (names, bytes) = WireElements.Of(fields);
        return UpdateAsync(new Wire.Update { MapRemove = new() { Fields = { names.Elements_ } } }, bytes, consistency, cancellation);
    }

    /// <summary>The fields; none where nobody has written.</summary>
    public async Task<MapValue> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        (await ReadAsync(consistency, cancellation).ConfigureAwait(false)).Value;

    /// <summary>The fields, with the receipt.</summary>
    public async Task<Result<MapValue>> ReadAsync(Read? consistency = null, CancellationToken cancellation = default)
    {
        var (value, receipt) =
            await QueryAsync(Query, Wire.Value.ValueOneofCase.Map, consistency, cancellation).ConfigureAwait(false);
        return new(value is null ? MapValue.Empty : new MapValue(value.Map), receipt);
    }
}

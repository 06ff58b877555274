using Gossipdb.Client.Routing;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>A set of strings. Of an addition and a removal made concurrently, the addition wins.</summary>
public sealed class SetHandle : KeyHandle
{
    private static readonly Wire.Read Query = new() { Type = Wire.ValueType.Set };

    internal SetHandle(Dispatcher dispatcher, string key)
        : base(dispatcher, key)
    {
    }

    /// <summary>Adds an element.</summary>
    public Task<Receipt> AddAsync(string element, Write? consistency = null, CancellationToken cancellation = default)
    {
        var (elements, bytes) = WireElements.Of(element);
        return UpdateAsync(new() { SetAdd = elements }, bytes, consistency, cancellation);
    }

    /// <summary>Adds elements, all in one write.</summary>
    public Task<Receipt> AddAsync(
        IEnumerable<string> elements, Write? consistency = null, CancellationToken cancellation = default)
    {
        var (added, bytes) = WireElements.Of(elements);
        return UpdateAsync(new() { SetAdd = added }, bytes, consistency, cancellation);
    }

    /// <summary>Removes an element, as far as the executing replica knows it.</summary>
    public Task<Receipt> RemoveAsync(string element, Write? consistency = null, CancellationToken cancellation = default)
    {
        var (elements, bytes) = WireElements.Of(element);
        return UpdateAsync(new() { SetRemove = elements }, bytes, consistency, cancellation);
    }

    /// <summary>Removes elements, all in one write.</summary>
    public Task<Receipt> RemoveAsync(
        IEnumerable<string> elements, Write? consistency = null, CancellationToken cancellation = default)
    {
        var (removed, bytes) = WireElements.Of(elements);
        return UpdateAsync(new() { SetRemove = removed }, bytes, consistency, cancellation);
    }

    /// <summary>Removes every element the executing replica knows; concurrent additions stay.</summary>
    public Task<Receipt> ClearAsync(Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(new() { SetClear = new() }, 0, consistency, cancellation);

    /// <summary>The elements, in ordinal order.</summary>
    public async Task<IReadOnlyCollection<string>> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        (await ReadAsync(consistency, cancellation).ConfigureAwait(false)).Value;

    /// <summary>The elements in ordinal order, with the receipt.</summary>
    public async Task<Result<IReadOnlyCollection<string>>> ReadAsync(
        Read? consistency = null, CancellationToken cancellation = default)
    {
        var (value, receipt) =
            await QueryAsync(Query, Wire.Value.ValueOneofCase.Set, consistency, cancellation).ConfigureAwait(false);
        return new(value is null ? [] : ValueCodec.Set(value), receipt);
    }

    /// <summary>Whether the set holds an element, without fetching the others.</summary>
    public async Task<bool> ContainsAsync(string element, Read? consistency = null, CancellationToken cancellation = default) =>
        (await ReadContainsAsync(element, consistency, cancellation).ConfigureAwait(false)).Value;

    /// <summary>Whether the set holds an element, with the receipt.</summary>
    public async Task<Result<bool>> ReadContainsAsync(
        string element, Read? consistency = null, CancellationToken cancellation = default)
    {
        var query = new Wire.Read { Type = Wire.ValueType.Set, Contains = true, Element = ValueCodec.Bytes(element) };
        var (value, receipt) =
            await QueryAsync(query, Wire.Value.ValueOneofCase.Contains, consistency, cancellation).ConfigureAwait(false);
        return new(value?.Contains ?? false, receipt);
    }
}

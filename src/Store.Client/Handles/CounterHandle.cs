using Gossipdb.Client.Routing;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>A counter. Concurrent changes add up, and one that is sent twice after a lost connection counts once.</summary>
public sealed class CounterHandle : KeyHandle
{
    private static readonly Wire.Read Query = new() { Type = Wire.ValueType.Counter };

    internal CounterHandle(Dispatcher dispatcher, string key)
        : base(dispatcher, key)
    {
    }

    /// <summary>Adds to the counter.</summary>
    public Task<Receipt> IncrementAsync(long amount = 1, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(new() { CounterIncrement = new() { Amount = amount } }, 0, consistency, cancellation);

    /// <summary>Subtracts from the counter.</summary>
    public Task<Receipt> DecrementAsync(long amount = 1, Write? consistency = null, CancellationToken cancellation = default) =>
        amount == long.MinValue
            ? Task.FromException<Receipt>(new InvalidRequestException($"A counter cannot be decremented by {amount}."))
            : IncrementAsync(-amount, consistency, cancellation);

    /// <summary>Sets back to zero what the executing replica knows of; concurrent increments stay.</summary>
    public Task<Receipt> ResetAsync(Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(new() { CounterReset = new() }, 0, consistency, cancellation);

    /// <summary>The counter's total; 0 where nobody has counted.</summary>
    public async Task<long> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        (await ReadAsync(consistency, cancellation).ConfigureAwait(false)).Value;

    /// <summary>The counter's total, with the receipt.</summary>
    public async Task<Result<long>> ReadAsync(Read? consistency = null, CancellationToken cancellation = default)
    {
        var (value, receipt) =
            await QueryAsync(Query, Wire.Value.ValueOneofCase.Counter, consistency, cancellation).ConfigureAwait(false);
        return new(value?.Counter ?? 0, receipt);
    }
}

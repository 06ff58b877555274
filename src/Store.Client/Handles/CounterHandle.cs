namespace Gossipdb.Client;

/// <summary>A counter. Concurrent changes add up, and one that is sent twice after a lost connection counts once.</summary>
public sealed class CounterHandle : AnyCounterHandle
{
    internal CounterHandle(in ObjectAddress at)
        : base(at, StoredType.Counter)
    {
    }

    /// <summary>Adds to the counter.</summary>
    public Task<Receipt> IncrementAsync(long amount = 1, Write? consistency = null, CancellationToken cancellation = default) =>
        ChangeAsync(amount, consistency, cancellation);

    /// <summary>Subtracts from the counter.</summary>
    public Task<Receipt> DecrementAsync(long amount = 1, Write? consistency = null, CancellationToken cancellation = default) =>
        amount == long.MinValue
            ? Task.FromException<Receipt>(new InvalidRequestException($"A counter cannot be decremented by {amount}."))
            : ChangeAsync(-amount, consistency, cancellation);

    /// <summary>Sets back to zero what the executing replica knows of; concurrent increments stay.</summary>
    public Task<Receipt> ResetAsync(Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Reset(), consistency, cancellation);
}

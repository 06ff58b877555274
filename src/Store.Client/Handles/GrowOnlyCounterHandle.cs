namespace Gossipdb.Client;

/// <summary>A counter that only grows. Concurrent increments add up; only deleting the key takes any of it back.</summary>
public sealed class GrowOnlyCounterHandle : AnyCounterHandle
{
    internal GrowOnlyCounterHandle(in ObjectAddress at)
        : base(at, StoredType.GrowOnlyCounter)
    {
    }

    /// <summary>Adds to the counter.</summary>
    /// <exception cref="InvalidRequestException">The amount is negative.</exception>
    public Task<Receipt> IncrementAsync(long amount = 1, Write? consistency = null, CancellationToken cancellation = default) =>
        ChangeAsync(amount, consistency, cancellation);
}

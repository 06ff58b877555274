namespace Gossipdb.Client;

/// <summary>
/// A counter that is never below zero, on any side of a network partition: stock, seats, budgets. What is there is shared out among
/// the nodes as rights to take it; concurrent decrements use different rights, so that together they never take more than there is.
/// </summary>
public sealed class BoundedCounterHandle : AnyCounterHandle
{
    internal BoundedCounterHandle(in ObjectAddress at)
        : base(at, StoredType.BoundedCounter)
    {
    }

    /// <summary>Adds to the counter. Never refused for want of rights.</summary>
    /// <exception cref="InvalidRequestException">The amount is negative.</exception>
    public Task<Receipt> IncrementAsync(long amount = 1, Write? consistency = null, CancellationToken cancellation = default) =>
        ChangeAsync(Require.NotNegative(amount, "An increment"), consistency, cancellation);

    /// <summary>Takes from the counter, all of the amount or nothing.</summary>
    /// <exception cref="InsufficientRightsException">Not enough is left, or not within reach. Nothing was applied.</exception>
    /// <exception cref="InvalidRequestException">The amount is negative.</exception>
    public Task<Receipt> DecrementAsync(long amount = 1, Write? consistency = null, CancellationToken cancellation = default) =>
        ChangeAsync(-Require.NotNegative(amount, "A decrement"), consistency, cancellation);
}

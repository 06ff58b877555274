namespace Gossipdb.Client;

/// <summary>
/// A counter that is never below zero, on any side of a network partition: stock, seats, budgets. What is there is shared out among
/// the nodes as rights to take it; concurrent decrements use different rights, so that together they never take more than there is.
/// </summary>
public class BoundedCounterHandle : AnyCounterHandle
{
    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected BoundedCounterHandle()
    {
    }

    internal BoundedCounterHandle(in ObjectAddress at)
        : base(at, StoredType.BoundedCounter)
    {
    }

    /// <summary>Adds to the counter. Never refused for want of rights.</summary>
    /// <exception cref="InvalidRequestException">The amount is negative.</exception>
    public virtual Task<Receipt> IncrementAsync(long amount = 1, Write? consistency = null, CancellationToken cancellation = default) =>
        ChangeAsync(Require.NotNegative(amount, "An increment"), consistency, cancellation);

    /// <summary>Takes from the counter, all of the amount or nothing.</summary>
    /// <exception cref="InsufficientRightsException">Not enough is left, or not within reach. Nothing was applied.</exception>
    /// <exception cref="InvalidRequestException">The amount is negative.</exception>
    public virtual Task<Receipt> DecrementAsync(long amount = 1, Write? consistency = null, CancellationToken cancellation = default) =>
        ChangeAsync(-Require.NotNegative(amount, "A decrement"), consistency, cancellation);

    /// <summary>
    /// Adds to the counter, then reads the total. It covers this change and all that the replica that answers has heard of others',
    /// earlier or
    /// concurrent, so that two callers may be told the same: it is no number of its own for each.
    /// </summary>
    /// <param name="amount">By how much.</param>
    /// <param name="write">What the write asks for.</param>
    /// <param name="read">What the read asks for besides covering the write; null asks one replica.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="InvalidRequestException">The amount is negative.</exception>
    /// <exception cref="ReadBackException">The write was acked, and the total could not be read.</exception>
    public virtual Task<long> IncrementAndGetAsync(
        long amount = 1, Write? write = null, Read? read = null, CancellationToken cancellation = default) =>
        ChangeAndGetAsync(Require.NotNegative(amount, "An increment"), write, read, cancellation);

    /// <summary>
    /// Takes from the counter, all of the amount or nothing, then reads the total. It covers this change and all that the replica that
    /// answers has heard of others', earlier or
    /// concurrent, so that two callers may be told the same: it is no number of its own for each.
    /// </summary>
    /// <param name="amount">By how much.</param>
    /// <param name="write">What the write asks for.</param>
    /// <param name="read">What the read asks for besides covering the write; null asks one replica.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="InsufficientRightsException">Not enough is left, or not within reach. Nothing was applied.</exception>
    /// <exception cref="InvalidRequestException">The amount is negative.</exception>
    /// <exception cref="ReadBackException">The write was acked, and the total could not be read.</exception>
    public virtual Task<long> DecrementAndGetAsync(
        long amount = 1, Write? write = null, Read? read = null, CancellationToken cancellation = default) =>
        ChangeAndGetAsync(-Require.NotNegative(amount, "A decrement"), write, read, cancellation);
}

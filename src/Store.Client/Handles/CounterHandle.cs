namespace Gossipdb.Client;

/// <summary>A counter. Concurrent changes add up, and one that is sent twice after a lost connection counts once.</summary>
public class CounterHandle : AnyCounterHandle
{
    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected CounterHandle()
    {
    }

    internal CounterHandle(in ObjectAddress at)
        : base(at, StoredType.Counter)
    {
    }

    /// <summary>Adds to the counter.</summary>
    public virtual Task<Receipt> IncrementAsync(long amount = 1, Write? consistency = null, CancellationToken cancellation = default) =>
        ChangeAsync(amount, consistency, cancellation);

    /// <summary>Subtracts from the counter.</summary>
    public virtual Task<Receipt> DecrementAsync(long amount = 1, Write? consistency = null, CancellationToken cancellation = default) =>
        amount == long.MinValue
            ? Task.FromException<Receipt>(CannotDecrement(amount))
            : ChangeAsync(-amount, consistency, cancellation);

    /// <summary>
    /// Adds to the counter, then reads the total. It covers this change and all that the replica that answers has heard of others',
    /// earlier or
    /// concurrent, so that two callers may be told the same: it is no number of its own for each.
    /// </summary>
    /// <param name="amount">By how much.</param>
    /// <param name="write">What the write asks for.</param>
    /// <param name="read">What the read asks for besides covering the write; null asks one replica.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="ReadBackException">The write was acked, and the total could not be read.</exception>
    public virtual Task<long> IncrementAndGetAsync(
        long amount = 1, Write? write = null, Read? read = null, CancellationToken cancellation = default) =>
        ChangeAndGetAsync(amount, write, read, cancellation);

    /// <summary>
    /// Subtracts from the counter, then reads the total. It covers this change and all that the replica that answers has heard of
    /// others', earlier or
    /// concurrent, so that two callers may be told the same: it is no number of its own for each.
    /// </summary>
    /// <param name="amount">By how much.</param>
    /// <param name="write">What the write asks for.</param>
    /// <param name="read">What the read asks for besides covering the write; null asks one replica.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="ReadBackException">The write was acked, and the total could not be read.</exception>
    public virtual Task<long> DecrementAndGetAsync(
        long amount = 1, Write? write = null, Read? read = null, CancellationToken cancellation = default) =>
        amount == long.MinValue
            ? Task.FromException<long>(CannotDecrement(amount))
            : ChangeAndGetAsync(-amount, write, read, cancellation);

    /// <summary>Sets back to zero what the executing replica knows of; concurrent increments stay.</summary>
    public virtual Task<Receipt> ResetAsync(Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Reset(), consistency, cancellation);

    private static InvalidRequestException CannotDecrement(long amount) => new($"A counter cannot be decremented by {amount}.");
}

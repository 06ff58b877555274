namespace Gossipdb.Client;

/// <summary>A counter that only grows. Concurrent increments add up; only deleting the key takes any of it back.</summary>
public class GrowOnlyCounterHandle : AnyCounterHandle
{
    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected GrowOnlyCounterHandle()
    {
    }

    internal GrowOnlyCounterHandle(in ObjectAddress at)
        : base(at, StoredType.GrowOnlyCounter)
    {
    }

    /// <summary>Adds to the counter.</summary>
    /// <exception cref="InvalidRequestException">The amount is negative.</exception>
    public virtual Task<Receipt> IncrementAsync(long amount = 1, Write? consistency = null, CancellationToken cancellation = default) =>
        ChangeAsync(amount, consistency, cancellation);

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
        ChangeAndGetAsync(amount, write, read, cancellation);
}

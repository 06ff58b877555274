using Case = Gossipdb.Protocol.Value.ValueOneofCase;

namespace Gossipdb.Client;

/// <summary>What counters of every kind have in common. Concurrent changes add up, and one that is sent twice counts once.</summary>
public abstract class AnyCounterHandle : KeyHandle
{
    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected AnyCounterHandle()
    {
    }

    private protected AnyCounterHandle(in ObjectAddress at, StoredType type)
        : base(at, type)
    {
    }

    /// <summary>The counter's total; 0 where nobody has counted.</summary>
    public virtual Task<long> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadAsync(consistency, cancellation).ValueAsync();

    /// <summary>The counter's total, with the receipt.</summary>
    public virtual Task<Result<long>> ReadAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(Case.Counter, static value => value?.Counter ?? 0, consistency, cancellation);

    private protected Task<Receipt> ChangeAsync(long amount, Write? consistency, CancellationToken cancellation) =>
        UpdateAsync(Change.Increment(amount, Type), consistency, cancellation);

    private protected Task<long> ChangeAndGetAsync(long amount, Write? write, Read? read, CancellationToken cancellation) =>
        UpdateAndReadAsync(
            Change.Increment(amount, Type), reading => ReadAsync(reading, cancellation), write, read, cancellation);
}

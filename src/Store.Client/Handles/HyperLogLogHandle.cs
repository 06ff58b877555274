using System.Runtime.CompilerServices;
using Case = Gossipdb.Protocol.Value.ValueOneofCase;

namespace Gossipdb.Client;

/// <summary>
/// Counts distinct elements without keeping them: an estimate, about one percent off. Concurrent additions are all counted, and an
/// element counts once however often and wherever it is added.
/// </summary>
public class HyperLogLogHandle : KeyHandle
{
    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected HyperLogLogHandle()
    {
    }

    internal HyperLogLogHandle(in ObjectAddress at)
        : base(at, StoredType.HyperLogLog)
    {
    }

    /// <summary>Adds an element.</summary>
    public virtual Task<Receipt> AddAsync(Bytes element, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.AddDistinct(WireElements.Of(element)), consistency, cancellation);

    /// <summary>Adds elements, all in one write.</summary>
    [OverloadResolutionPriority(1)]
    public virtual Task<Receipt> AddAsync(
        IEnumerable<string> elements, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.AddDistinct(WireElements.Of(elements)), consistency, cancellation);

    /// <summary>Adds elements, all in one write.</summary>
    public virtual Task<Receipt> AddAsync(
        IEnumerable<Bytes> elements, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.AddDistinct(WireElements.Of(elements)), consistency, cancellation);

    /// <summary>About how many distinct elements were added.</summary>
    public virtual Task<long> CountAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadCountAsync(consistency, cancellation).ValueAsync();

    /// <summary>About how many distinct elements were added, with the receipt.</summary>
    public virtual Task<Result<long>> ReadCountAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(Case.Distinct, static value => (long)(value?.Distinct ?? 0), consistency, cancellation);
}

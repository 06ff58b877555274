using Case = Gossipdb.Protocol.Value.ValueOneofCase;

namespace Gossipdb.Client;

/// <summary>
/// The greatest of the numbers assigned, or the least: <see cref="KeyHandle.Type"/> says which. Concurrent assignments need no
/// order, since the same one stands out whichever came first.
/// </summary>
public class NumberRegisterHandle : KeyHandle
{
    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected NumberRegisterHandle()
    {
    }

    internal NumberRegisterHandle(in ObjectAddress at, StoredType type)
        : base(at, type)
    {
    }

    /// <summary>Offers a number, which is kept where it is greater (less) than what is there.</summary>
    public virtual Task<Receipt> AssignAsync(long value, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Number(value, Type), consistency, cancellation);

    /// <summary>The number; null where nobody has assigned one.</summary>
    public virtual Task<long?> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadAsync(consistency, cancellation).ValueAsync();

    /// <summary>The number, with the receipt.</summary>
    public virtual Task<Result<long?>> ReadAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(Case.Number, static value => value?.Number, consistency, cancellation);
}

using System.Runtime.CompilerServices;

namespace Gossipdb.Client;

/// <summary>
/// A set. Of an addition and a removal made concurrently, the addition wins; or the removal, where
/// <see cref="KeyHandle.Type"/> is <see cref="StoredType.RemoveWinsSet"/>.
/// </summary>
public class SetHandle : AnySetHandle
{
    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected SetHandle()
    {
    }

    internal SetHandle(in ObjectAddress at, StoredType type)
        : base(at, type)
    {
    }

    /// <summary>Removes an element; from a set that additions win in, as far as the executing replica knows it.</summary>
    public virtual Task<Receipt> RemoveAsync(Bytes element, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Remove(WireElements.Of(element), Type), consistency, cancellation);

    /// <summary>Removes elements, all in one write.</summary>
    [OverloadResolutionPriority(1)]
    public virtual Task<Receipt> RemoveAsync(
        IEnumerable<string> elements, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Remove(WireElements.Of(elements), Type), consistency, cancellation);

    /// <summary>Removes elements, all in one write.</summary>
    public virtual Task<Receipt> RemoveAsync(
        IEnumerable<Bytes> elements, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Remove(WireElements.Of(elements), Type), consistency, cancellation);

    /// <summary>Removes every element the executing replica knows; concurrent additions of others stay.</summary>
    public virtual Task<Receipt> ClearAsync(Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Clear(Type), consistency, cancellation);
}

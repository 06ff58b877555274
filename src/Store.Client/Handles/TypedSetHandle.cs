namespace Gossipdb.Client;

/// <summary>
/// A set whose elements are of an application's type: strings and bytes as they are, all else as JSON. Two elements are one where they are
/// written alike: the order of a type's properties and their names are part of what an element is.
/// </summary>
/// <typeparam name="T">The elements' type.</typeparam>
public class SetHandle<T>
{
    private readonly SetHandle? _set; // null of a stand-in
    private readonly TypedValue<T>? _type;

    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected SetHandle()
    {
    }

    internal SetHandle(SetHandle set, TypedValue<T> type) => (_set, _type) = (set, type);

    /// <summary>The same set with elements as bytes or text.</summary>
    public virtual SetHandle Untyped => _set ?? throw StandIn.NotOverridden(this);

    /// <summary>Adds an element.</summary>
    /// <exception cref="InvalidRequestException">The element has no JSON, or a string in it holds half a surrogate pair.</exception>
    public virtual Task<Receipt> AddAsync(T element, Write? consistency = null, CancellationToken cancellation = default) =>
        Untyped.AddAsync(_type!.Write(element), consistency, cancellation);

    /// <summary>Adds elements, all in one write.</summary>
    /// <exception cref="InvalidRequestException">There is none, or one has no JSON.</exception>
    public virtual Task<Receipt> AddAsync(
        IEnumerable<T> elements, Write? consistency = null, CancellationToken cancellation = default) =>
        Untyped.AddAsync(Stored(elements), consistency, cancellation);

    /// <summary>Removes an element; from a set that additions win in, as far as the executing replica knows it.</summary>
    public virtual Task<Receipt> RemoveAsync(T element, Write? consistency = null, CancellationToken cancellation = default) =>
        Untyped.RemoveAsync(_type!.Write(element), consistency, cancellation);

    /// <summary>Removes elements, all in one write.</summary>
    public virtual Task<Receipt> RemoveAsync(
        IEnumerable<T> elements, Write? consistency = null, CancellationToken cancellation = default) =>
        Untyped.RemoveAsync(Stored(elements), consistency, cancellation);

    /// <summary>Whether the set holds an element, without fetching the others.</summary>
    public virtual Task<bool> ContainsAsync(T element, Read? consistency = null, CancellationToken cancellation = default) =>
        Untyped.ContainsAsync(_type!.Write(element), consistency, cancellation);

    /// <summary>The elements, in the order of their bytes.</summary>
    /// <exception cref="ValueFormatException">One is no such value.</exception>
    public virtual Task<IReadOnlyCollection<T>> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadAsync(consistency, cancellation).ValueAsync();

    /// <summary>The elements, in the order of their bytes, with the receipt.</summary>
    /// <exception cref="ValueFormatException">One is no such value.</exception>
    public virtual async Task<Result<IReadOnlyCollection<T>>> ReadAsync(
        Read? consistency = null, CancellationToken cancellation = default)
    {
        var (stored, receipt) = await Untyped.ReadBytesAsync(consistency, cancellation).ConfigureAwait(false);
        return new([.. stored.Select(_type!.Read)], receipt);
    }

    private IEnumerable<Bytes> Stored(IEnumerable<T> elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        return elements.Select(_type!.Write);
    }
}

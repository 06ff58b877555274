namespace Gossipdb.Client;

/// <summary>
/// A register whose value is of an application's type: a string or bytes as they are, all else as JSON. Of values written concurrently the
/// one with the later timestamp stays, whole.
/// </summary>
/// <typeparam name="T">The value's type. One that can be null (<c>int?</c>) tells a register nobody has written from a zero.</typeparam>
public class RegisterHandle<T>
{
    private readonly RegisterHandle? _register; // null of a stand-in
    private readonly TypedValue<T>? _type;

    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected RegisterHandle()
    {
    }

    internal RegisterHandle(RegisterHandle register, TypedValue<T> type) => (_register, _type) = (register, type);

    /// <summary>The same register as bytes or text.</summary>
    public virtual RegisterHandle Untyped => _register ?? throw StandIn.NotOverridden(this);

    /// <summary>Writes the value.</summary>
    /// <exception cref="InvalidRequestException">The value has no JSON, or a string in it holds half a surrogate pair.</exception>
    public virtual Task<Receipt> SetAsync(T value, Write? consistency = null, CancellationToken cancellation = default) =>
        Untyped.SetBytesAsync(_type!.Write(value).Memory, consistency, cancellation);

    /// <summary>The value; the type's default (null, 0) where nobody has written one.</summary>
    /// <exception cref="ValueFormatException">What is stored is no such value.</exception>
    public virtual Task<T?> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadAsync(consistency, cancellation).ValueAsync();

    /// <summary>The value, with the receipt; the type's default (null, 0) where nobody has written one.</summary>
    /// <exception cref="ValueFormatException">What is stored is no such value.</exception>
    public virtual async Task<Result<T?>> ReadAsync(Read? consistency = null, CancellationToken cancellation = default)
    {
        var (stored, receipt) = await Untyped.ReadBytesAsync(consistency, cancellation).ConfigureAwait(false);
        return new(stored is null ? default : _type!.Read(stored), receipt);
    }
}

using System.Text;
using System.Text.Json.Serialization.Metadata;

namespace Gossipdb.Client;

/// <summary>
/// A JSON document that is an object of an application's type. Other than a register's, its parts merge: concurrent changes of different
/// parts are all kept, where they are made one part at a time (<see cref="Untyped"/>, with paths). To set the whole replaces all of it that
/// the executing replica knows.
/// </summary>
/// <typeparam name="T">The document's type.</typeparam>
public class JsonHandle<T>
{
    private readonly JsonHandle? _json; // null of a stand-in
    private readonly JsonTypeInfo<T>? _type;

    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected JsonHandle()
    {
    }

    internal JsonHandle(JsonHandle json, JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        (_json, _type) = (json, type);
    }

    /// <summary>The same document, read and changed by paths.</summary>
    public virtual JsonHandle Untyped => _json ?? throw StandIn.NotOverridden(this);

    /// <summary>Puts the whole document.</summary>
    /// <exception cref="InvalidRequestException">The value has no JSON, or a string in it holds half a surrogate pair.</exception>
    public virtual Task<Receipt> SetAsync(T value, Write? consistency = null, CancellationToken cancellation = default) =>
        Untyped.SetAsync("", value, _type!, consistency, cancellation);

    /// <summary>The document; the type's default (null, 0) where there is none.</summary>
    /// <exception cref="ValueFormatException">What is stored is no such document.</exception>
    public virtual Task<T?> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadAsync(consistency, cancellation).ValueAsync();

    /// <summary>The document, with the receipt; the type's default (null, 0) where there is none.</summary>
    /// <exception cref="ValueFormatException">What is stored is no such document.</exception>
    public virtual async Task<Result<T?>> ReadAsync(Read? consistency = null, CancellationToken cancellation = default)
    {
        var (json, receipt) = await Untyped.ReadJsonAsync("", consistency, cancellation).ConfigureAwait(false);
        return new(json is null ? default : TypedValue<T>.Parse(Encoding.UTF8.GetBytes(json), _type!), receipt);
    }
}

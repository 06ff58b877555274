using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Case = Gossipdb.Protocol.Value.ValueOneofCase;

namespace Gossipdb.Client;

/// <summary>
/// A JSON document, edited by path. A path is a JSON pointer (RFC 6901): empty for the whole document, "/orders/0/name" for a part.
/// Concurrent changes of different parts are all kept; where a value was set concurrently in one place, one of them is shown until the
/// next change there, and a change inside an object or array wins over its concurrent removal.
/// </summary>
public class JsonHandle : KeyHandle
{
    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected JsonHandle()
    {
    }

    internal JsonHandle(in ObjectAddress at)
        : base(at, StoredType.Json)
    {
    }

    /// <summary>Puts a value at a path: anything <see cref="JsonSerializer"/> takes, a <see cref="JsonNode"/> among it.</summary>
    /// <exception cref="InvalidRequestException">The path is none, or leads nowhere; the value has no JSON, or holds half a surrogate
    /// pair.</exception>
    [RequiresUnreferencedCode(TypedValue.Reflects)]
    [RequiresDynamicCode(TypedValue.Reflects)]
    public virtual Task<Receipt> SetAsync<T>(string path, T value, Write? consistency = null, CancellationToken cancellation = default) =>
        SetJsonAsync(path, JsonText.Of(value), consistency, cancellation);

    /// <summary>Puts a value at a path, written as its type says; nothing is reflected upon.</summary>
    /// <exception cref="InvalidRequestException">The path is none, or leads nowhere; the value has no JSON, or holds half a surrogate
    /// pair.</exception>
    public virtual Task<Receipt> SetAsync<T>(
        string path, T value, JsonTypeInfo<T> type, Write? consistency = null, CancellationToken cancellation = default) =>
        SetJsonAsync(path, TypedValue<T>.ToJson(value, type).ToStringUtf8(), consistency, cancellation);

    /// <summary>Puts a value at a path, given as JSON text.</summary>
    /// <exception cref="InvalidRequestException">The text is no JSON, or holds half a surrogate pair; the path is none, or leads
    /// nowhere.</exception>
    public virtual Task<Receipt> SetJsonAsync(
        string path, string json, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.SetJson(path, json), consistency, cancellation);

    /// <summary>Inserts a value into an array, before the element the path ends with ("-": at the end).</summary>
    /// <exception cref="InvalidRequestException">The path is none, or leads to no array's element.</exception>
    [RequiresUnreferencedCode(TypedValue.Reflects)]
    [RequiresDynamicCode(TypedValue.Reflects)]
    public virtual Task<Receipt> InsertAsync<T>(
        string path, T value, Write? consistency = null, CancellationToken cancellation = default) =>
        InsertJsonAsync(path, JsonText.Of(value), consistency, cancellation);

    /// <summary>Inserts a value, written as its type says, into an array; nothing is reflected upon.</summary>
    /// <exception cref="InvalidRequestException">The path is none, or leads to no array's element.</exception>
    public virtual Task<Receipt> InsertAsync<T>(
        string path, T value, JsonTypeInfo<T> type, Write? consistency = null, CancellationToken cancellation = default) =>
        InsertJsonAsync(path, TypedValue<T>.ToJson(value, type).ToStringUtf8(), consistency, cancellation);

    /// <summary>Inserts a value, given as JSON text, into an array, before the element the path ends with ("-": at the end).</summary>
    /// <exception cref="InvalidRequestException">The text is no JSON; the path is none, or leads to no array's element.</exception>
    public virtual Task<Receipt> InsertJsonAsync(
        string path, string json, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.InsertJson(path, json), consistency, cancellation);

    /// <summary>Removes what the executing replica knows at a path: a field, an array's element, or the whole document.</summary>
    public virtual Task<Receipt> RemoveAsync(string path, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.RemoveJson(path), consistency, cancellation);

    /// <summary>The document, or the part at a path; null where there is nothing, and where JSON's null is.</summary>
    public virtual async Task<JsonNode?> GetAsync(string path = "", Read? consistency = null, CancellationToken cancellation = default) =>
        await GetJsonAsync(path, consistency, cancellation).ConfigureAwait(false) is { } json ? JsonNode.Parse(json) : null;

    /// <summary>The part at a path as an object; the type's default (null, 0) where there is nothing.</summary>
    /// <exception cref="ValueFormatException">What is there is no such value.</exception>
    public virtual async Task<T?> GetAsync<T>(
        string path, JsonTypeInfo<T> type, Read? consistency = null, CancellationToken cancellation = default) =>
        await GetJsonAsync(path, consistency, cancellation).ConfigureAwait(false) is { } json
            ? TypedValue<T>.Parse(Encoding.UTF8.GetBytes(json), type)
            : default;

    /// <summary>The document, or the part at a path, as JSON text; null where there is nothing.</summary>
    public virtual Task<string?> GetJsonAsync(string path = "", Read? consistency = null, CancellationToken cancellation = default) =>
        ReadJsonAsync(path, consistency, cancellation).ValueAsync();

    /// <summary>The document, or the part at a path, as JSON text, with the receipt.</summary>
    public virtual Task<Result<string?>> ReadJsonAsync(string path = "", Read? consistency = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        var part = path.Length == 0 ? new() : Part.JsonPath(path);
        return QueryAsync(part, Case.Json, static value => value?.Json, consistency, cancellation);
    }
}

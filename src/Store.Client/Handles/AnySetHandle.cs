using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Case = Gossipdb.Protocol.Value.ValueOneofCase;

namespace Gossipdb.Client;

/// <summary>What sets of every kind have in common.</summary>
public abstract class AnySetHandle : KeyHandle
{
    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected AnySetHandle()
    {
    }

    private protected AnySetHandle(in ObjectAddress at, StoredType type)
        : base(at, type)
    {
    }

    /// <summary>Adds an element.</summary>
    public virtual Task<Receipt> AddAsync(Bytes element, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Add(WireElements.Of(element), Type), consistency, cancellation);

    /// <summary>Adds elements, all in one write.</summary>
    [OverloadResolutionPriority(1)]
    public virtual Task<Receipt> AddAsync(
        IEnumerable<string> elements, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Add(WireElements.Of(elements), Type), consistency, cancellation);

    /// <summary>Adds elements, all in one write.</summary>
    public virtual Task<Receipt> AddAsync(
        IEnumerable<Bytes> elements, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Add(WireElements.Of(elements), Type), consistency, cancellation);

    /// <summary>The elements as text, in ordinal order.</summary>
    /// <exception cref="NotTextException">One is not UTF-8: <see cref="GetBytesAsync"/> reads them.</exception>
    public virtual Task<IReadOnlyCollection<string>> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadAsync(consistency, cancellation).ValueAsync();

    /// <summary>The elements as bytes, in the order of those.</summary>
    public virtual Task<IReadOnlyCollection<Bytes>> GetBytesAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadBytesAsync(consistency, cancellation).ValueAsync();

    /// <summary>The elements as text in ordinal order, with the receipt.</summary>
    /// <exception cref="NotTextException">One is not UTF-8: <see cref="ReadBytesAsync"/> reads them.</exception>
    public virtual Task<Result<IReadOnlyCollection<string>>> ReadAsync(
        Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync<IReadOnlyCollection<string>>(
            Case.Set,
            static value => value is null ? [] : ValueCodec.SortedTexts(value.Set, nameof(GetBytesAsync)),
            consistency,
            cancellation);

    /// <summary>The elements as bytes in the order of those, with the receipt.</summary>
    public virtual Task<Result<IReadOnlyCollection<Bytes>>> ReadBytesAsync(
        Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync<IReadOnlyCollection<Bytes>>(
            Case.Set, static value => value is null ? [] : ValueCodec.Sorted(value.Set), consistency, cancellation);

    /// <summary>Whether the set holds an element, without fetching the others.</summary>
    public virtual Task<bool> ContainsAsync(Bytes element, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadContainsAsync(element, consistency, cancellation).ValueAsync();

    /// <summary>Whether the set holds an element, with the receipt.</summary>
    public virtual Task<Result<bool>> ReadContainsAsync(
        Bytes element, Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(Part.Contains(element), Case.Contains, static value => value?.Contains ?? false, consistency, cancellation);

    /// <summary>How many elements there are, without fetching them.</summary>
    public virtual Task<long> CountAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadCountAsync(consistency, cancellation).ValueAsync();

    /// <summary>How many elements there are, with the receipt.</summary>
    public virtual Task<Result<long>> ReadCountAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(Part.Count(), Case.Count, static value => (long)(value?.Count ?? 0), consistency, cancellation);

    /// <summary>
    /// Some of the elements as text, in no particular order. Page after page, an element that was held all the time is met exactly once;
    /// what was added or removed meanwhile may be met or not.
    /// </summary>
    /// <param name="cursor">The last page's <see cref="Page{T}.Next"/>; null begins.</param>
    /// <param name="limit">How many at most, from 1 to the cluster's limit of a batch (1,000 unless configured otherwise).</param>
    /// <param name="consistency">What the read asks for.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="NotTextException">One is not UTF-8: <see cref="PageBytesAsync"/> reads them.</exception>
    public virtual Task<Page<string>> PageAsync(
        string? cursor = null, int limit = 500, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadPageAsync(cursor, limit, consistency, cancellation).ValueAsync();

    /// <summary>Some of the elements as bytes; see <see cref="PageAsync"/>, whose cursors are the same.</summary>
    public virtual Task<Page<Bytes>> PageBytesAsync(
        string? cursor = null, int limit = 500, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadPageBytesAsync(cursor, limit, consistency, cancellation).ValueAsync();

    /// <summary>Some of the elements as text, with the receipt.</summary>
    /// <exception cref="NotTextException">One is not UTF-8: <see cref="ReadPageBytesAsync"/> reads them.</exception>
    public virtual Task<Result<Page<string>>> ReadPageAsync(
        string? cursor = null, int limit = 500, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadPageAsync(cursor, limit, static elements => ValueCodec.Texts(elements, nameof(PageBytesAsync)), consistency, cancellation);

    /// <summary>Some of the elements as bytes, with the receipt.</summary>
    public virtual Task<Result<Page<Bytes>>> ReadPageBytesAsync(
        string? cursor = null, int limit = 500, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadPageAsync(cursor, limit, static elements => ValueCodec.All(elements), consistency, cancellation);

    /// <summary>All elements as text, fetched page by page as they are asked for, each page by a read of its own.</summary>
    /// <exception cref="NotTextException">One is not UTF-8: <see cref="EnumerateBytesAsync"/> reads them.</exception>
    public virtual IAsyncEnumerable<string> EnumerateAsync(
        int pageSize = 500, Read? consistency = null, CancellationToken cancellation = default) =>
        Pages.EnumerateAsync((cursor, stop) => PageAsync(cursor, pageSize, consistency, stop), cancellation);

    /// <summary>All elements as bytes, fetched page by page as they are asked for, each page by a read of its own.</summary>
    public virtual IAsyncEnumerable<Bytes> EnumerateBytesAsync(
        int pageSize = 500, Read? consistency = null, CancellationToken cancellation = default) =>
        Pages.EnumerateAsync((cursor, stop) => PageBytesAsync(cursor, pageSize, consistency, stop), cancellation);

    private Task<Result<Page<T>>> ReadPageAsync<T>(
        string? cursor,
        int limit,
        Func<RepeatedField<ByteString>, IReadOnlyList<T>> select,
        Read? consistency,
        CancellationToken cancellation) =>
        QueryAsync(
            Part.Page(cursor, limit),
            Case.Page,
            value => value is null ? new Page<T>([], null) : new(select(value.Page.Elements), PageCursor.Text(value.Page.Next)),
            consistency,
            cancellation);
}

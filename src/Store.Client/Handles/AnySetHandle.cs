using Case = Gossipdb.Protocol.Value.ValueOneofCase;

namespace Gossipdb.Client;

/// <summary>What sets of every kind have in common.</summary>
public abstract class AnySetHandle : KeyHandle
{
    private protected AnySetHandle(in ObjectAddress at, StoredType type)
        : base(at, type)
    {
    }

    /// <summary>Adds an element.</summary>
    public Task<Receipt> AddAsync(string element, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Add(WireElements.Of(element), Type), consistency, cancellation);

    /// <summary>Adds elements, all in one write.</summary>
    public Task<Receipt> AddAsync(IEnumerable<string> elements, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Add(WireElements.Of(elements), Type), consistency, cancellation);

    /// <summary>The elements, in ordinal order.</summary>
    public Task<IReadOnlyCollection<string>> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadAsync(consistency, cancellation).ValueAsync();

    /// <summary>The elements in ordinal order, with the receipt.</summary>
    public Task<Result<IReadOnlyCollection<string>>> ReadAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync<IReadOnlyCollection<string>>(
            Case.Set, static value => value is null ? [] : ValueCodec.Sorted(value.Set), consistency, cancellation);

    /// <summary>Whether the set holds an element, without fetching the others.</summary>
    public Task<bool> ContainsAsync(string element, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadContainsAsync(element, consistency, cancellation).ValueAsync();

    /// <summary>Whether the set holds an element, with the receipt.</summary>
    public Task<Result<bool>> ReadContainsAsync(string element, Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(Part.Contains(element), Case.Contains, static value => value?.Contains ?? false, consistency, cancellation);

    /// <summary>How many elements there are, without fetching them.</summary>
    public Task<long> CountAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadCountAsync(consistency, cancellation).ValueAsync();

    /// <summary>How many elements there are, with the receipt.</summary>
    public Task<Result<long>> ReadCountAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(Part.Count(), Case.Count, static value => (long)(value?.Count ?? 0), consistency, cancellation);

    /// <summary>
    /// Some of the elements, in no particular order. Page after page, an element that was held all the time is met exactly once;
    /// what was added or removed meanwhile may be met or not.
    /// </summary>
    /// <param name="cursor">The last page's <see cref="Page{T}.Next"/>; null begins.</param>
    /// <param name="limit">How many at most, from 1 to the cluster's limit of a batch (1,000 unless configured otherwise).</param>
    /// <param name="consistency">What the read asks for.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    public Task<Page<string>> PageAsync(
        string? cursor = null, int limit = 500, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadPageAsync(cursor, limit, consistency, cancellation).ValueAsync();

    /// <summary>Some of the elements, with the receipt.</summary>
    public Task<Result<Page<string>>> ReadPageAsync(
        string? cursor = null, int limit = 500, Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(
            Part.Page(cursor, limit),
            Case.Page,
            static value => value is null ? new Page<string>([], null) : new(ValueCodec.Texts(value.Page.Elements), PageCursor.Text(value.Page.Next)),
            consistency,
            cancellation);

    /// <summary>All elements, fetched page by page as they are asked for, each page by a read of its own.</summary>
    public IAsyncEnumerable<string> EnumerateAsync(int pageSize = 500, Read? consistency = null, CancellationToken cancellation = default) =>
        Pages.EnumerateAsync((cursor, stop) => PageAsync(cursor, pageSize, consistency, stop), cancellation);
}

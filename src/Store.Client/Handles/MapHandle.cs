using System.Runtime.CompilerServices;
using Case = Gossipdb.Protocol.Value.ValueOneofCase;

namespace Gossipdb.Client;

/// <summary>
/// Named fields, each of a type of its own, changed several at a time in one write. Concurrent changes merge field by field, each as
/// its type does, and a change of a field wins over its concurrent removal.
/// </summary>
public class MapHandle : KeyHandle
{
    private readonly FieldObjects? _fields; // null of a stand-in

    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected MapHandle()
    {
    }

    internal MapHandle(in ObjectAddress at)
        : base(at, StoredType.Map)
    {
        _fields = new FieldObjects(at);
    }

    /// <summary>
    /// The fields as objects, each read and changed on its own as a key is: <c>map.Fields.Set("tags").CountAsync()</c>, and in a map in
    /// the map <c>map.Fields.Map("address").Fields.Register("city").GetAsync()</c>.
    /// </summary>
    public virtual ObjectHandles Fields => _fields ?? throw StandIn.NotOverridden(this);

    /// <summary>Changes fields, all or none: no reader sees some of the changes without the others.</summary>
    public virtual Task<Receipt> UpdateAsync(
        Action<MapUpdate> build, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(MapUpdate.Build(build), consistency, cancellation);

    /// <summary>Removes a field, as far as the executing replica knows it; concurrent changes of it stay.</summary>
    public virtual Task<Receipt> RemoveAsync(Bytes field, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.RemoveFields(WireElements.Of(field)), consistency, cancellation);

    /// <summary>Removes fields, all in one write.</summary>
    [OverloadResolutionPriority(1)]
    public virtual Task<Receipt> RemoveAsync(
        IEnumerable<string> fields, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.RemoveFields(WireElements.Of(fields)), consistency, cancellation);

    /// <summary>Removes fields, all in one write.</summary>
    public virtual Task<Receipt> RemoveAsync(
        IEnumerable<Bytes> fields, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.RemoveFields(WireElements.Of(fields)), consistency, cancellation);

    /// <summary>The fields; none where nobody has written.</summary>
    public virtual Task<MapValue> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadAsync(consistency, cancellation).ValueAsync();

    /// <summary>The fields, with the receipt.</summary>
    public virtual Task<Result<MapValue>> ReadAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(Case.Map, static value => value is null ? MapValue.Empty : new MapValue(value.Map), consistency, cancellation);

    /// <summary>
    /// One field of whatever type, without fetching the others; null where there is none. Where one name carries several types, the
    /// first of them: <see cref="Fields"/> reads a field as the type one names.
    /// </summary>
    public virtual Task<StoredValue?> GetFieldAsync(Bytes field, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadFieldAsync(field, consistency, cancellation).ValueAsync();

    /// <summary>One field of whatever type, with the receipt.</summary>
    public virtual async Task<Result<StoredValue?>> ReadFieldAsync(
        Bytes field, Read? consistency = null, CancellationToken cancellation = default)
    {
        // Asked for without a type, the node answers with every type the name carries.
        var (value, receipt) = await QueryFieldAsync(field, consistency, cancellation).ConfigureAwait(false);
        return new(value?.Map is { } named ? new MapValue(named).Fields.FirstOrDefault()?.Value : null, receipt);
    }

    /// <summary>How many fields there are, without fetching them.</summary>
    public virtual Task<long> CountAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadCountAsync(consistency, cancellation).ValueAsync();

    /// <summary>How many fields there are, with the receipt.</summary>
    public virtual Task<Result<long>> ReadCountAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(Part.Count(), Case.Count, static value => (long)(value?.Count ?? 0), consistency, cancellation);

    /// <summary>
    /// Some of the fields. Page after page, a field that was held all the time is met exactly once; what was added or removed meanwhile
    /// may be met or not.
    /// </summary>
    /// <param name="cursor">The last page's <see cref="Page{T}.Next"/>; null begins.</param>
    /// <param name="limit">How many at most, from 1 to the cluster's limit of a batch (1,000 unless configured otherwise).</param>
    /// <param name="consistency">What the read asks for.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    public virtual Task<Page<MapField>> PageAsync(
        string? cursor = null, int limit = 500, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadPageAsync(cursor, limit, consistency, cancellation).ValueAsync();

    /// <summary>Some of the fields, with the receipt.</summary>
    public virtual Task<Result<Page<MapField>>> ReadPageAsync(
        string? cursor = null, int limit = 500, Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(
            Part.Page(cursor, limit),
            Case.Page,
            static value => value is null
                ? new Page<MapField>([], null)
                : new(MapValue.FieldsOf(value.Page.Fields), PageCursor.Text(value.Page.Next)),
            consistency,
            cancellation);

    /// <summary>All fields, fetched page by page as they are asked for, each page by a read of its own.</summary>
    public virtual IAsyncEnumerable<MapField> EnumerateAsync(
        int pageSize = 500, Read? consistency = null, CancellationToken cancellation = default) =>
        Pages.EnumerateAsync((cursor, stop) => PageAsync(cursor, pageSize, consistency, stop), cancellation);

    private sealed class FieldObjects(ObjectAddress map) : ObjectHandles
    {
        private protected override ObjectAddress At(Bytes name) => map.Field(name);
    }
}

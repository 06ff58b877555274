using System.Runtime.CompilerServices;
using Case = Gossipdb.Protocol.Value.ValueOneofCase;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>
/// A list of values. What is inserted concurrently at one place is all kept, each run in one piece; what was deleted concurrently is
/// deleted once. An index is meant as the executing replica sees the list.
/// </summary>
public class SequenceHandle : KeyHandle
{
    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected SequenceHandle()
    {
    }

    internal SequenceHandle(in ObjectAddress at)
        : base(at, StoredType.Sequence)
    {
    }

    /// <summary>Inserts a value before the one at an index, from 0 to the length.</summary>
    /// <exception cref="InvalidRequestException">The index is past the end.</exception>
    public virtual Task<Receipt> InsertAsync(int index, Bytes value, Write? consistency = null, CancellationToken cancellation = default) =>
        InsertAsync(index, [value], consistency, cancellation);

    /// <summary>Inserts values, in their order, before the one at an index, from 0 to the length.</summary>
    /// <exception cref="InvalidRequestException">The index is past the end, or there are no values.</exception>
    [OverloadResolutionPriority(1)]
    public virtual Task<Receipt> InsertAsync(
        int index, IEnumerable<string> values, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.InsertValues(index, WireElements.Of(values)), consistency, cancellation);

    /// <summary>Inserts values, in their order, before the one at an index, from 0 to the length.</summary>
    /// <exception cref="InvalidRequestException">The index is past the end, or there are no values.</exception>
    public virtual Task<Receipt> InsertAsync(
        int index, IEnumerable<Bytes> values, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.InsertValues(index, WireElements.Of(values)), consistency, cancellation);

    /// <summary>Inserts a value at the end, wherever that is when the operation is executed.</summary>
    public virtual Task<Receipt> AppendAsync(Bytes value, Write? consistency = null, CancellationToken cancellation = default) =>
        AppendAsync([value], consistency, cancellation);

    /// <summary>Inserts values at the end, wherever that is when the operation is executed.</summary>
    [OverloadResolutionPriority(1)]
    public virtual Task<Receipt> AppendAsync(
        IEnumerable<string> values, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.AppendValues(WireElements.Of(values)), consistency, cancellation);

    /// <summary>Inserts values at the end, wherever that is when the operation is executed.</summary>
    public virtual Task<Receipt> AppendAsync(
        IEnumerable<Bytes> values, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.AppendValues(WireElements.Of(values)), consistency, cancellation);

    /// <summary>Deletes the value at an index, or as many as are said from there on.</summary>
    /// <exception cref="InvalidRequestException">There are not so many.</exception>
    public virtual Task<Receipt> DeleteAsync(
        int index, int count = 1, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.DeleteValues(index, count), consistency, cancellation);

    /// <summary>All values as text, in order.</summary>
    /// <exception cref="NotTextException">One is not UTF-8: <see cref="GetBytesAsync"/> reads them.</exception>
    public virtual Task<IReadOnlyList<string>> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadAsync(consistency, cancellation).ValueAsync();

    /// <summary>All values as bytes, in order.</summary>
    public virtual Task<IReadOnlyList<Bytes>> GetBytesAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadBytesAsync(consistency, cancellation).ValueAsync();

    /// <summary>All values as text, with the receipt.</summary>
    /// <exception cref="NotTextException">One is not UTF-8: <see cref="ReadBytesAsync"/> reads them.</exception>
    public virtual Task<Result<IReadOnlyList<string>>> ReadAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        TextsAsync(new(), nameof(GetBytesAsync), consistency, cancellation);

    /// <summary>All values as bytes, with the receipt.</summary>
    public virtual Task<Result<IReadOnlyList<Bytes>>> ReadBytesAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        BytesAsync(new(), consistency, cancellation);

    /// <summary>So many values from an index on, as text: what of them there is.</summary>
    /// <exception cref="NotTextException">One is not UTF-8: <see cref="RangeBytesAsync"/> reads them.</exception>
    public virtual Task<IReadOnlyList<string>> RangeAsync(
        int start, int count, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadRangeAsync(start, count, consistency, cancellation).ValueAsync();

    /// <summary>So many values from an index on, as bytes: what of them there is.</summary>
    public virtual Task<IReadOnlyList<Bytes>> RangeBytesAsync(
        int start, int count, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadRangeBytesAsync(start, count, consistency, cancellation).ValueAsync();

    /// <summary>So many values from an index on, as text, with the receipt.</summary>
    /// <exception cref="NotTextException">One is not UTF-8: <see cref="ReadRangeBytesAsync"/> reads them.</exception>
    public virtual Task<Result<IReadOnlyList<string>>> ReadRangeAsync(
        int start, int count, Read? consistency = null, CancellationToken cancellation = default) =>
        TextsAsync(Part.Range(start, count), nameof(RangeBytesAsync), consistency, cancellation);

    /// <summary>So many values from an index on, as bytes, with the receipt.</summary>
    public virtual Task<Result<IReadOnlyList<Bytes>>> ReadRangeBytesAsync(
        int start, int count, Read? consistency = null, CancellationToken cancellation = default) =>
        BytesAsync(Part.Range(start, count), consistency, cancellation);

    /// <summary>How many values there are, without fetching them.</summary>
    public virtual Task<long> CountAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadCountAsync(consistency, cancellation).ValueAsync();

    /// <summary>How many values there are, with the receipt.</summary>
    public virtual Task<Result<long>> ReadCountAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(Part.Count(), Case.Count, static value => (long)(value?.Count ?? 0), consistency, cancellation);

    private Task<Result<IReadOnlyList<string>>> TextsAsync(
        Wire.Read part, string byteForm, Read? consistency, CancellationToken cancellation) =>
        QueryAsync<IReadOnlyList<string>>(
            part,
            Case.Sequence,
            value => value is null ? [] : ValueCodec.Texts(value.Sequence.Elements_, byteForm),
            consistency,
            cancellation);

    private Task<Result<IReadOnlyList<Bytes>>> BytesAsync(Wire.Read part, Read? consistency, CancellationToken cancellation) =>
        QueryAsync<IReadOnlyList<Bytes>>(
            part, Case.Sequence, static value => value is null ? [] : ValueCodec.All(value.Sequence.Elements_), consistency, cancellation);
}

using Case = Gossipdb.Protocol.Value.ValueOneofCase;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>
/// A list of strings. What is inserted concurrently at one place is all kept, each run in one piece; what was deleted concurrently is
/// deleted once. An index is meant as the executing replica sees the list.
/// </summary>
public sealed class SequenceHandle : KeyHandle
{
    internal SequenceHandle(in ObjectAddress at)
        : base(at, StoredType.Sequence)
    {
    }

    /// <summary>Inserts a value before the one at an index, from 0 to the length.</summary>
    /// <exception cref="InvalidRequestException">The index is past the end.</exception>
    public Task<Receipt> InsertAsync(int index, string value, Write? consistency = null, CancellationToken cancellation = default) =>
        InsertAsync(index, [value], consistency, cancellation);

    /// <summary>Inserts values, in their order, before the one at an index, from 0 to the length.</summary>
    /// <exception cref="InvalidRequestException">The index is past the end, or there are no values.</exception>
    public Task<Receipt> InsertAsync(
        int index, IEnumerable<string> values, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.InsertValues(index, values), consistency, cancellation);

    /// <summary>Inserts a value at the end, wherever that is when the operation is executed.</summary>
    public Task<Receipt> AppendAsync(string value, Write? consistency = null, CancellationToken cancellation = default) =>
        AppendAsync([value], consistency, cancellation);

    /// <summary>Inserts values at the end, wherever that is when the operation is executed.</summary>
    public Task<Receipt> AppendAsync(IEnumerable<string> values, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.AppendValues(values), consistency, cancellation);

    /// <summary>Deletes the value at an index, or as many as are said from there on.</summary>
    /// <exception cref="InvalidRequestException">There are not so many.</exception>
    public Task<Receipt> DeleteAsync(int index, int count = 1, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.DeleteValues(index, count), consistency, cancellation);

    /// <summary>All values, in order.</summary>
    public Task<IReadOnlyList<string>> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadAsync(consistency, cancellation).ValueAsync();

    /// <summary>All values, with the receipt.</summary>
    public Task<Result<IReadOnlyList<string>>> ReadAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ValuesAsync(new(), consistency, cancellation);

    /// <summary>So many values from an index on: what of them there is.</summary>
    public Task<IReadOnlyList<string>> RangeAsync(
        int start, int count, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadRangeAsync(start, count, consistency, cancellation).ValueAsync();

    /// <summary>So many values from an index on, with the receipt.</summary>
    public Task<Result<IReadOnlyList<string>>> ReadRangeAsync(
        int start, int count, Read? consistency = null, CancellationToken cancellation = default) =>
        ValuesAsync(Part.Range(start, count), consistency, cancellation);

    /// <summary>How many values there are, without fetching them.</summary>
    public Task<long> CountAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadCountAsync(consistency, cancellation).ValueAsync();

    /// <summary>How many values there are, with the receipt.</summary>
    public Task<Result<long>> ReadCountAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(Part.Count(), Case.Count, static value => (long)(value?.Count ?? 0), consistency, cancellation);

    private Task<Result<IReadOnlyList<string>>> ValuesAsync(Wire.Read part, Read? consistency, CancellationToken cancellation) =>
        QueryAsync<IReadOnlyList<string>>(
            part, Case.Sequence, static value => value is null ? [] : ValueCodec.Texts(value.Sequence.Elements_), consistency, cancellation);
}

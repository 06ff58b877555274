using Case = Gossipdb.Protocol.Value.ValueOneofCase;

namespace Gossipdb.Client;

/// <summary>
/// A text that several can edit at once. Positions and lengths count UTF-16 code units, as those of a .NET string, and are meant as
/// the executing replica sees the text. What is inserted concurrently is all kept, each insertion in one piece.
/// </summary>
public class TextHandle : KeyHandle
{
    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected TextHandle()
    {
    }

    internal TextHandle(in ObjectAddress at)
        : base(at, StoredType.Text)
    {
    }

    /// <summary>Inserts text at a position, from 0 to the length.</summary>
    /// <exception cref="InvalidRequestException">The position is past the end or splits a surrogate pair, or the text is empty.</exception>
    public virtual Task<Receipt> InsertAsync(
        int position, string text, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.InsertText(position, text), consistency, cancellation);

    /// <summary>Inserts text at the end, wherever that is when the operation is executed.</summary>
    public virtual Task<Receipt> AppendAsync(string text, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.AppendText(text), consistency, cancellation);

    /// <summary>Deletes so many code units from a position on.</summary>
    /// <exception cref="InvalidRequestException">There are not so many, or a surrogate pair would be split.</exception>
    public virtual Task<Receipt> DeleteAsync(
        int position, int count, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.DeleteText(position, count), consistency, cancellation);

    /// <summary>The whole text; empty where nobody has written.</summary>
    public virtual Task<string> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadAsync(consistency, cancellation).ValueAsync();

    /// <summary>The whole text, with the receipt.</summary>
    public virtual Task<Result<string>> ReadAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(Case.Text, static value => value?.Text ?? "", consistency, cancellation);

    /// <summary>So many code units from a position on, without fetching the rest: what of them there is.</summary>
    /// <exception cref="InvalidRequestException">The part begins or ends inside a surrogate pair.</exception>
    public virtual Task<string> SubstringAsync(int start, int count, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadSubstringAsync(start, count, consistency, cancellation).ValueAsync();

    /// <summary>So many code units from a position on, with the receipt.</summary>
    public virtual Task<Result<string>> ReadSubstringAsync(
        int start, int count, Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(Part.Range(start, count), Case.Text, static value => value?.Text ?? "", consistency, cancellation);

    /// <summary>How many code units there are, without fetching them.</summary>
    public virtual Task<long> LengthAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadLengthAsync(consistency, cancellation).ValueAsync();

    /// <summary>How many code units there are, with the receipt.</summary>
    public virtual Task<Result<long>> ReadLengthAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(Part.Count(), Case.Count, static value => (long)(value?.Count ?? 0), consistency, cancellation);
}

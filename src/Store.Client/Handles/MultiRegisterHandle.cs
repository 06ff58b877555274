using Google.Protobuf;
using Case = Gossipdb.Protocol.Value.ValueOneofCase;

namespace Gossipdb.Client;

/// <summary>A value that keeps what was written concurrently side by side, until a write that has seen them replaces them.</summary>
public class MultiRegisterHandle : KeyHandle
{
    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected MultiRegisterHandle()
    {
    }

    internal MultiRegisterHandle(in ObjectAddress at)
        : base(at, StoredType.MultiRegister)
    {
    }

    /// <summary>Writes text over every value the executing replica knows.</summary>
    public virtual Task<Receipt> SetAsync(string value, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Assign(ValueCodec.Bytes(value), multiValue: true), consistency, cancellation);

    /// <summary>Writes bytes over every value the executing replica knows.</summary>
    public virtual Task<Receipt> SetBytesAsync(
        ReadOnlyMemory<byte> value, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Assign(ByteString.CopyFrom(value.Span), multiValue: true), consistency, cancellation);

    /// <summary>The siblings as text; none where nobody has written.</summary>
    /// <exception cref="NotTextException">One is not UTF-8: <see cref="GetBytesAsync"/> reads them.</exception>
    public virtual Task<IReadOnlyList<string>> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadAsync(consistency, cancellation).ValueAsync();

    /// <summary>The siblings as bytes; none where nobody has written.</summary>
    public virtual Task<IReadOnlyList<byte[]>> GetBytesAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadBytesAsync(consistency, cancellation).ValueAsync();

    /// <summary>The siblings as text, with the receipt.</summary>
    /// <exception cref="NotTextException">One is not UTF-8: <see cref="ReadBytesAsync"/> reads them.</exception>
    public virtual Task<Result<IReadOnlyList<string>>> ReadAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync<IReadOnlyList<string>>(
            Case.MultiRegister,
            static value => value is null ? [] : ValueCodec.Texts(value.MultiRegister.Elements_, nameof(GetBytesAsync)),
            consistency,
            cancellation);

    /// <summary>The siblings as bytes, with the receipt.</summary>
    public virtual Task<Result<IReadOnlyList<byte[]>>> ReadBytesAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync<IReadOnlyList<byte[]>>(
            Case.MultiRegister, static value => value is null ? [] : ValueCodec.ByteArrays(value.MultiRegister), consistency, cancellation);
}

using Google.Protobuf;
using Case = Gossipdb.Protocol.Value.ValueOneofCase;

namespace Gossipdb.Client;

/// <summary>One value, text or bytes. Of values written concurrently the one with the later timestamp stays.</summary>
public class RegisterHandle : KeyHandle
{
    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected RegisterHandle()
    {
    }

    internal RegisterHandle(in ObjectAddress at)
        : base(at, StoredType.Register)
    {
    }

    /// <summary>Writes the value as text.</summary>
    public virtual Task<Receipt> SetAsync(string value, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Assign(ValueCodec.Bytes(value), multiValue: false), consistency, cancellation);

    /// <summary>Writes the value as bytes.</summary>
    public virtual Task<Receipt> SetBytesAsync(
        ReadOnlyMemory<byte> value, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Assign(ByteString.CopyFrom(value.Span), multiValue: false), consistency, cancellation);

    /// <summary>The value as text; null where nobody has written one.</summary>
    /// <exception cref="NotTextException">The value is not UTF-8: <see cref="GetBytesAsync"/> reads it.</exception>
    public virtual Task<string?> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadAsync(consistency, cancellation).ValueAsync();

    /// <summary>The value as bytes; null where nobody has written one.</summary>
    public virtual Task<byte[]?> GetBytesAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadBytesAsync(consistency, cancellation).ValueAsync();

    /// <summary>The value as text, with the receipt.</summary>
    /// <exception cref="NotTextException">The value is not UTF-8: <see cref="ReadBytesAsync"/> reads it.</exception>
    public virtual Task<Result<string?>> ReadAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(
            Case.Register,
            static value => value is null ? null : ValueCodec.Text(value.Register.Value, nameof(GetBytesAsync)),
            consistency,
            cancellation);

    /// <summary>The value as bytes, with the receipt.</summary>
    public virtual Task<Result<byte[]?>> ReadBytesAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(Case.Register, static value => value?.Register.Value.ToByteArray(), consistency, cancellation);
}

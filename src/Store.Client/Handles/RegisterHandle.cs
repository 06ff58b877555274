using Gossipdb.Client.Routing;
using Google.Protobuf;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>One value, text or bytes. Of values written concurrently the one with the later timestamp stays.</summary>
public sealed class RegisterHandle : KeyHandle
{
    private static readonly Wire.Read Query = new() { Type = Wire.ValueType.Register };

    internal RegisterHandle(Dispatcher dispatcher, string key)
        : base(dispatcher, key)
    {
    }

    /// <summary>Writes the value as text.</summary>
    public Task<Receipt> SetAsync(string value, Write? consistency = null, CancellationToken cancellation = default) =>
        AssignAsync(ValueCodec.Bytes(value), consistency, cancellation);

    /// <summary>Writes the value as bytes.</summary>
    public Task<Receipt> SetBytesAsync(
        ReadOnlyMemory<byte> value, Write? consistency = null, CancellationToken cancellation = default) =>
        AssignAsync(ByteString.CopyFrom(value.Span), consistency, cancellation);

    /// <summary>The value as text; null where nobody has written one.</summary>
    public async Task<string?> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        (await ReadAsync(consistency, cancellation).ConfigureAwait(false)).Value;

    /// <summary>The value as bytes; null where nobody has written one.</summary>
    public async Task<byte[]?> GetBytesAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        (await ReadBytesAsync(consistency, cancellation).ConfigureAwait(false)).Value;

    /// <summary>The value as text, with the receipt.</summary>
    public async Task<Result<string?>> ReadAsync(Read? consistency = null, CancellationToken cancellation = default)
    {
        var (value, receipt) =
            await QueryAsync(Query, Wire.Value.ValueOneofCase.Register, consistency, cancellation).ConfigureAwait(false);
        return new(value is null ? null : ValueCodec.Text(value.Register.Value), receipt);
    }

    /// <summary>The value as bytes, with the receipt.</summary>
    public async Task<Result<byte[]?>> ReadBytesAsync(Read? consistency = null, CancellationToken cancellation = default)
    {
        var (value, receipt) =
            await QueryAsync(Query, Wire.Value.ValueOneofCase.Register, consistency, cancellation).ConfigureAwait(false);
        return new(value?.Register.Value.ToByteArray(), receipt);
    }

    private Task<Receipt> AssignAsync(ByteString value, Write? consistency, CancellationToken cancellation) =>
        UpdateAsync(new() { RegisterAssign = new() { Value = value } }, value.Length, consistency, cancellation);
}

using Gossipdb.Client.Routing;
using Google.Protobuf;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>A value that keeps what was written concurrently side by side, until a write that has seen them replaces them.</summary>
public sealed class MultiRegisterHandle : KeyHandle
{
    private static readonly Wire.Read Query = new() { Type = Wire.ValueType.MultiRegister };

    internal MultiRegisterHandle(Dispatcher dispatcher, string key)
        : base(dispatcher, key)
    {
    }

    /// <summary>Writes text over every value the executing replica knows.</summary>
    public Task<Receipt> SetAsync(string value, Write? consistency = null, CancellationToken cancellation = default) =>
        AssignAsync(ValueCodec.Bytes(value), consistency, cancellation);

    /// <summary>Writes bytes over every value the executing replica knows.</summary>
    public Task<Receipt> SetBytesAsync(
        ReadOnlyMemory<byte> value, Write? consistency = null, CancellationToken cancellation = default) =>
        AssignAsync(ByteString.CopyFrom(value.Span), consistency, cancellation);

    /// <summary>The siblings as text; none where nobody has written.</summary>
    public async Task<IReadOnlyList<string>> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        (await ReadAsync(consistency, cancellation).ConfigureAwait(false)).Value;

    /// <summary>The siblings as bytes; none where nobody has written.</summary>
    public async Task<IReadOnlyList<byte[]>> GetBytesAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        (await ReadBytesAsync(consistency, cancellation).ConfigureAwait(false)).Value;

    /// <summary>The siblings as text, with the receipt.</summary>
    public async Task<Result<IReadOnlyList<string>>> ReadAsync(Read? consistency = null, CancellationToken cancellation = default)
    {
        var (value, receipt) =
            await QueryAsync(Query, Wire.Value.ValueOneofCase.MultiRegister, consistency, cancellation).ConfigureAwait(false);
        return new(value is null ? [] : ValueCodec.Texts(value.MultiRegister), receipt);
    }

    /// <summary>The siblings as bytes, with the receipt.</summary>
    public async Task<Result<IReadOnlyList<byte[]>>> ReadBytesAsync(
        Read? consistency = null, CancellationToken cancellation = default)
    {
        var (value, receipt) =
            await QueryAsync(Query, Wire.Value.ValueOneofCase.MultiRegister, consistency, cancellation).ConfigureAwait(false);
        return new(value is null ? [] : ValueCodec.ByteArrays(value.MultiRegister), receipt);
    }

    private Task<Receipt> AssignAsync(ByteString value, Write? consistency, CancellationToken cancellation) =>
        UpdateAsync(new() { RegisterAssign = new() { Value = value, MultiValue = true } }, value.Length, consistency, cancellation);
}

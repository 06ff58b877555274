using Gossipdb.Client.Routing;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>A switch. Of enabling and disabling made concurrently, enabling wins.</summary>
public sealed class FlagHandle : KeyHandle
{
    private static readonly Wire.Read Query = new() { Type = Wire.ValueType.Flag };

    internal FlagHandle(Dispatcher dispatcher, string key)
        : base(dispatcher, key)
    {
    }

    /// <summary>Enables the flag.</summary>
    public Task<Receipt> EnableAsync(Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(new() { Flag = true }, 0, consistency, cancellation);

    /// <summary>Disables the flag, as far as the executing replica knows it enabled.</summary>
    public Task<Receipt> DisableAsync(Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(new() { Flag = false }, 0, consistency, cancellation);

    /// <summary>Whether the flag is enabled; false where nobody has.</summary>
    public async Task<bool> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        (await ReadAsync(consistency, cancellation).ConfigureAwait(false)).Value;

    /// <summary>Whether the flag is enabled, with the receipt.</summary>
    public async Task<Result<bool>> ReadAsync(Read? consistency = null, CancellationToken cancellation = default)
    {
        var (value, receipt) =
            await QueryAsync(Query, Wire.Value.ValueOneofCase.Flag, consistency, cancellation).ConfigureAwait(false);
        return new(value?.Flag ?? false, receipt);
    }
}

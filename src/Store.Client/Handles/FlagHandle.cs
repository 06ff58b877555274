using Case = Gossipdb.Protocol.Value.ValueOneofCase;

namespace Gossipdb.Client;

/// <summary>
/// A switch. Of enabling and disabling made concurrently, enabling wins; or disabling, where <see cref="KeyHandle.Type"/> is
/// <see cref="StoredType.DisableWinsFlag"/>.
/// </summary>
public sealed class FlagHandle : KeyHandle
{
    internal FlagHandle(in ObjectAddress at, StoredType type)
        : base(at, type)
    {
    }

    /// <summary>Enables the flag; one that disabling wins in, as far as the executing replica knows it disabled.</summary>
    public Task<Receipt> EnableAsync(Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Switch(true, Type), consistency, cancellation);

    /// <summary>Disables the flag; one that enabling wins in, as far as the executing replica knows it enabled.</summary>
    public Task<Receipt> DisableAsync(Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Switch(false, Type), consistency, cancellation);

    /// <summary>Whether the flag is enabled; false where nobody has.</summary>
    public Task<bool> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadAsync(consistency, cancellation).ValueAsync();

    /// <summary>Whether the flag is enabled, with the receipt.</summary>
    public Task<Result<bool>> ReadAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(Case.Flag, static value => value?.Flag ?? false, consistency, cancellation);
}

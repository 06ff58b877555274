using Case = Gossipdb.Protocol.Value.ValueOneofCase;

namespace Gossipdb.Client;

/// <summary>
/// A switch. Of enabling and disabling made concurrently, enabling wins; or disabling, where <see cref="KeyHandle.Type"/> is
/// <see cref="StoredType.DisableWinsFlag"/>.
/// </summary>
public class FlagHandle : KeyHandle
{
    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected FlagHandle()
    {
    }

    internal FlagHandle(in ObjectAddress at, StoredType type)
        : base(at, type)
    {
    }

    /// <summary>Enables the flag; one that disabling wins in, as far as the executing replica knows it disabled.</summary>
    public virtual Task<Receipt> EnableAsync(Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Switch(true, Type), consistency, cancellation);

    /// <summary>Disables the flag; one that enabling wins in, as far as the executing replica knows it enabled.</summary>
    public virtual Task<Receipt> DisableAsync(Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Switch(false, Type), consistency, cancellation);

    /// <summary>Whether the flag is enabled; false where nobody has.</summary>
    public virtual Task<bool> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadAsync(consistency, cancellation).ValueAsync();

    /// <summary>Whether the flag is enabled, with the receipt.</summary>
    public virtual Task<Result<bool>> ReadAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(Case.Flag, static value => value?.Flag ?? false, consistency, cancellation);
}

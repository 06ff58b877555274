namespace Gossipdb.Crdt.Counters;

/// <summary>A bounded counter's decrement asks for more than the executing replica has the right to take.</summary>
/// <param name="needed">How much was asked for.</param>
/// <param name="held">How much the executing replica may take.</param>
/// <param name="total">How much all replicas together may take, as far as the executing one knows.</param>
public sealed class InsufficientRightsException(long needed, long held, long total)
    : Exception($"{needed} wanted, this replica may take {held} of the {total} left")
{
    /// <summary>How much was asked for.</summary>
    public long Needed { get; } = needed;

    /// <summary>How much the executing replica may take.</summary>
    public long Held { get; } = held;

    /// <summary>How much all replicas together may take, as far as the executing one knows.</summary>
    public long Total { get; } = total;
}

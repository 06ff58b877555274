namespace Gossipdb.Replication.Placement;

/// <summary>
/// The numbers of a slot's epochs. A hand-over raises the epoch by one, on the word of the slot's holder. A takeover by force raises it to
/// the next <em>generation</em>, a multiple of 2^20. So whatever the lost holder handed over unseen stays below that.
/// </summary>
internal static class SlotEpoch
{
    private const int StepBits = 20;

    /// <summary>The epoch under which a slot of this one can be taken by force.</summary>
    public static long NextForced(long epoch) => ((epoch >> StepBits) + 1) << StepBits;

    /// <summary>True of an epoch that began with a forced takeover.</summary>
    public static bool IsForced(long epoch) => epoch > 0 && (epoch & ((1L << StepBits) - 1)) == 0;
}

namespace Gossipdb.Replication.Placement;

/// <summary>
/// How epochs of slots count. A hand-over raises a slot's epoch by one, on the word of its holder. One that is taken by force goes to the
/// next <em>generation</em>, a multiple of 2^20: whatever the lost holder has handed over meanwhile, unseen, stays below it.
/// </summary>
internal static class SlotEpoch
{
    private const int StepBits = 20;

    /// <summary>The epoch under which a slot of this one can be taken by force.</summary>
    public static long NextForced(long epoch) => ((epoch >> StepBits) + 1) << StepBits;

    /// <summary>True of an epoch that began by force.</summary>
    public static bool IsForced(long epoch) => epoch > 0 && (epoch & ((1L << StepBits) - 1)) == 0;
}

using Gossipdb.Replication.Contract;

namespace Gossipdb.Replication.Images;

/// <summary>When the rounds of an image or a backup end, and the last turn comes.</summary>
internal static class PreCopyRounds
{
    /// <summary>
    /// Where writes outrun the rounds, this ends them. The last turn is as long as what was written during the last round then.
    /// </summary>
    public const int Most = 8;

    // Where writes outrun the rounds and no more is left than this many times what may be, none follows: it would send all again, and leave
    // as much.
    private const int Outrun = 8;

    /// <summary>How many bytes may be left for the last turn.</summary>
    /// <param name="left">How much is left, in whatever unit.</param>
    /// <param name="before">How much the last round has gone through, in the same unit.</param>
    /// <param name="settings">How much may be left where rounds get shorter.</param>
    public static long MostLeft(long left, long before, ReplicaSettings settings) =>
        left <= before - (before / 4) ? settings.ImageFinalBytes : Outrun * (long)settings.ImageFinalBytes;
}

using System.Globalization;

namespace Gossipdb.Node.Observability;

/// <summary>How far a node that starts has read its journal.</summary>
/// <param name="Pass">The pass, counted from 1.</param>
/// <param name="Passes">How many there are.</param>
/// <param name="Records">The records that the pass has read.</param>
/// <param name="Bytes">How many bytes they had.</param>
/// <param name="AllBytes">About how many bytes the journal has.</param>
/// <param name="Recovered">The partitions that have heard all of it.</param>
/// <param name="Partitions">How many partitions there are.</param>
internal sealed record RecoveryProgress(int Pass, int Passes, long Records, long Bytes, long AllBytes, int Recovered, int Partitions)
{
    /// <summary>Before anything is known.</summary>
    public static readonly RecoveryProgress None = new(0, 0, 0, 0, 0, 0, 0);

    // A journal of less is read within moments.
    private const long WorthTellingBytes = 1_000_000;

    /// <summary>Whether there is something to tell of: most nodes that start have an empty journal, or as good as none.</summary>
    public bool IsWorthTelling => Records > 0 || AllBytes >= WorthTellingBytes;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"pass {Pass} of {Passes}: {Records:N0} records, {Bytes / 1e6:N1} of about {AllBytes / 1e6:N1} MB; "
            + $"{Recovered} of {Partitions} partitions are back");
}

namespace Gossipdb.Client;

/// <summary>What a backup of a partition is of: a state at one clock.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Clock">The clock.</param>
/// <param name="StableCut">What every owner had on disk, as far as was decided.</param>
/// <param name="LastTimestamp">The hybrid timestamp of the last change: Unix milliseconds in the high 48 bits.</param>
/// <param name="Keys">How many keys the partition has.</param>
/// <param name="KeysHash">The exclusive or of their XxHash3.</param>
/// <param name="ListsUnchanged">
/// True where keys of the earlier backup may be gone without a trace: those that are neither told of nor among
/// <see cref="BackupPiece.Unchanged"/> are.
/// </param>
public sealed record BackupEnd(
    int Partition, ClockToken Clock, ClockToken StableCut, long LastTimestamp, long Keys, ulong KeysHash, bool ListsUnchanged)
{
    /// <summary>When the last change was made, by the cluster's time.</summary>
    public DateTimeOffset LastChangedAt => Moments.OfUnixMs(LastTimestamp >> 16);
}

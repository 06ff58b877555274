namespace Gossipdb.Checking.Operations;

/// <summary>What an operation had certainly seen when it took effect.</summary>
internal sealed class Sight(RecordedHistory history, Promises promises)
{
    /// <summary>
    /// Whether the later operation was certainly made on top of the earlier one: of one session; or at a replica that had acked the
    /// earlier one, and kept its disk; or after every replica had acked it.
    /// </summary>
    /// <param name="earlier">A change that was acked.</param>
    /// <param name="later">What may have seen it.</param>
    public bool IsSeen(Operation earlier, Operation later)
    {
        if (!earlier.IsOk || earlier.End >= later.Start) return false;
        if (earlier.Session is { } session && session == later.Session) return true;
        if (later.Receipt is not { Nodes: [var coordinator, ..] } || promises.HasLostDisk(coordinator)) return false;
        if (earlier.Level is { IsSloppy: false } level && history.Replication > 0)
        {
            if (level.Count(history.Replication) == history.Replication) return true;
        }

        return earlier.Receipt is { } receipt && receipt.Nodes.Contains(coordinator);
    }
}

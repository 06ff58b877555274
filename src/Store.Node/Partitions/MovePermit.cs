namespace Gossipdb.Node.Partitions;

/// <summary>One partition's permit to be taken over, held or not. Not for several threads.</summary>
internal sealed class MovePermit(MovePermits permits)
{
    /// <summary>Whether the partition may move.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Takes a permit where one is wanted and free; gives it back where it is wanted no more.</summary>
    public bool Ask(bool isWanted)
    {
        if (isWanted == IsHeld) return IsHeld;
        if (IsHeld) permits.Leave();
        return IsHeld = isWanted && permits.TryEnter();
    }
}

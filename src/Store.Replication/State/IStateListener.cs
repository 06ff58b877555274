namespace Gossipdb.Replication.State;

/// <summary>
/// Who has to know that a partition's state has changed. Told in the turn that changes it, before the event is logged and journaled.
/// </summary>
internal interface IStateListener
{
    /// <summary>An event was applied.</summary>
    void EventApplied(ReplicaEvent applied);

    /// <summary>An image was joined, or took the place of what was here: any key may have changed.</summary>
    /// <param name="isWhole">True where it took the place of everything.</param>
    void ImageJoined(bool isWhole);

    /// <summary>Other nodes may stand in for owners from now on.</summary>
    void FallbackMembershipChanged(FallbackMembership membership);
}

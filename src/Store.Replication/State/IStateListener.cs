using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.State;

/// <summary>
/// Is told that a partition's state has changed. It is told in the turn that changes the state, before the event is logged and journaled.
/// </summary>
internal interface IStateListener
{
    /// <summary>An event was applied. It is lent for the call.</summary>
    void EventApplied(ReplicaEvent applied);

    /// <summary>An image was joined, or replaced what was here. Any key may have changed.</summary>
    /// <param name="entries">The image.</param>
    /// <param name="isWhole">True where the image replaced everything.</param>
    void ImageJoined(IReadOnlyDictionary<Bytes, KeyEntry> entries, bool isWhole);

    /// <summary>Other nodes may be fallback nodes from now on.</summary>
    void FallbackMembershipChanged(FallbackMembership membership);
}

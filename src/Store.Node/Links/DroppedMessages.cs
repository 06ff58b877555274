using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Links;

/// <summary>Counts the messages that a link has dropped, and says so in the log. Under the link's lock.</summary>
internal sealed class DroppedMessages(ILogger logger, NodeId remote)
{
    private long _reported;

    public long Total { get; private set; }

    public void Add(long count) => Total += count;

    /// <summary>Logs what was dropped since the last time.</summary>
    public void Report()
    {
        if (Total == _reported) return;
        logger.LogWarning(
            "{Count} messages to node {Node} were dropped since the last report; gossip repairs what they carried. The node or the way to "
                + "it is too slow, or was away: 'gossipdb status' shows what waits",
            Total - _reported,
            remote);
        _reported = Total;
    }
}

using Gossipdb.Client.Connection;

namespace Gossipdb.Client.Routing;

/// <summary>
/// The cluster's time, by which operations' deadlines are counted: the median of what the connected nodes have told, of those that know
/// it where there are any. Goes on by this process's steady clock, so that
/// neither this machine's wall clock matters, nor any one node's.
/// </summary>
internal static class ClusterTime
{
    /// <summary>Unix milliseconds now; this machine's where no node has told any.</summary>
    public static long Now(NodeConnection[] nodes) => Environment.TickCount64
        + (Median(nodes, isKnown: true)
            ?? Median(nodes, isKnown: false)
            ?? DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - Environment.TickCount64);

    // Without sorting: every write asks. Nodes are few.
    private static long? Median(NodeConnection[] nodes, bool isKnown)
    {
        var count = 0;
        foreach (var node in nodes)
            if (IsGood(node, isKnown)) count++;
        foreach (var node in nodes)
        {
            if (!IsGood(node, isKnown)) continue;
            var (below, equal) = (0, 0);
            foreach (var other in nodes)
            {
                if (!IsGood(other, isKnown)) continue;
                if (other.ToldTime!.OffsetMs < node.ToldTime!.OffsetMs) below++;
                else if (other.ToldTime.OffsetMs == node.ToldTime.OffsetMs) equal++;
            }

            if (below <= (count - 1) / 2 && below + equal > (count - 1) / 2) return node.ToldTime!.OffsetMs;
        }

        return null;
    }

    private static bool IsGood(NodeConnection node, bool isKnown) => node is { IsUp: true, ToldTime: { } told } && told.IsKnown == isKnown;
}

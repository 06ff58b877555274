using Gossipdb.Replication;

namespace Gossipdb.Node;

/// <summary>
/// The node's two clocks. The steady one measures every duration: it is never set, and means nothing to another process. The wall clock stamps, and may be set back or forward at any
/// moment: nothing that waits goes by it.
/// </summary>
internal sealed class NodeClock(TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();

    /// <summary>Milliseconds from whatever moment on, by a clock that is never set.</summary>
    public long SteadyMs => (long)time.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Milliseconds since the node started.</summary>
    public long UptimeMs => (long)time.GetElapsedTime(_started).TotalMilliseconds;

    /// <summary>This machine's wall clock, in Unix milliseconds.</summary>
    public long WallMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The cluster's time, as far as this node knows.</summary>
    public ClusterTime ClusterTime => new(WallMs, 0, IsKnown: true, MayRemove: true);
}

namespace Gossipdb.Replication.Time;

/// <summary>The two clocks of a host.</summary>
internal interface ITimeSource
{
    /// <summary>
    /// Steady time: milliseconds from whatever moment on, by a clock that is never set. It measures every duration. The <c>nowMs</c> of a
    /// replica's inputs is this time too.
    /// </summary>
    long SteadyMs { get; }

    /// <summary>The cluster's time, as far as it is known. It stamps events, keys' lives and operation ids.</summary>
    ClusterTime Time { get; }
}

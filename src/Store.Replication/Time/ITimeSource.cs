namespace Gossipdb.Replication.Time;

/// <summary>The two clocks of a host.</summary>
internal interface ITimeSource
{
    /// <summary>
    /// Milliseconds from whatever moment on, by a clock that is never set: what every duration is measured by. The <c>nowMs</c> that a
    /// replica's inputs bring is this clock's too.
    /// </summary>
    long SteadyMs { get; }

    /// <summary>The cluster's time, as far as it is known: what events, lives and names are stamped with.</summary>
    ClusterTime Time { get; }
}

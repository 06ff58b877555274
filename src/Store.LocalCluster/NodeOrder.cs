namespace Gossipdb.LocalCluster;

/// <summary>What can be done to the process of a node, or to its files.</summary>
public enum NodeOrder
{
    /// <summary>It ends at once, as by <c>kill -9</c>, and stays down until it is started.</summary>
    Kill,

    /// <summary>It stands still, as by SIGSTOP: its connections stay open, and nothing answers.</summary>
    Pause,

    /// <summary>A paused one goes on, as by SIGCONT.</summary>
    Resume,

    /// <summary>It ends in order, and stays down until it is started.</summary>
    Stop,

    /// <summary>One that is down is started.</summary>
    Start,

    /// <summary>The data directory of one that is down is emptied.</summary>
    Wipe,

    /// <summary>The data directory of one that is down is copied to another place.</summary>
    Save,

    /// <summary>The data directory of one that is down is replaced by such a copy.</summary>
    Restore,
}

namespace Gossipdb.Cli.Output;

/// <summary>What the process ends with: the one table of it. Scripts may rely on these; numbers are never reused.</summary>
internal enum ExitCode
{
    Ok = 0,

    /// <summary>Anything that has no code of its own.</summary>
    Error = 1,

    /// <summary>The command line or the configuration makes no sense. Nothing was done.</summary>
    Usage = 2,

    /// <summary>Too few replicas within reach. Nothing was applied.</summary>
    Unavailable = 3,

    /// <summary>Sent, but not acked by enough replicas in time: the write may or may not take effect.</summary>
    Indeterminate = 4,

    /// <summary>No endpoint could be reached.</summary>
    NoConnection = 5,

    /// <summary>A read found too few replicas in time.</summary>
    TimedOut = 6,

    /// <summary>The key holds another type. Nothing was applied.</summary>
    WrongType = 7,

    /// <summary>
    /// The request was refused as it stands: too large, invalid, or more than a bounded counter has left. Nothing was applied.
    /// </summary>
    Refused = 8,

    /// <summary>The node has no room or its journal failed: try later, or another node. Nothing was applied.</summary>
    Overloaded = 9,

    /// <summary>The node failed to execute the call, by a fault of its own. Nothing was applied.</summary>
    Internal = 10,

    /// <summary>The caller is not known to the node, or lacks a right. Nothing was done.</summary>
    Denied = 11,

    /// <summary>A scenario did not come out as it expects, or a recorded history fails a check.</summary>
    NotMet = 12,

    /// <summary>Stopped by a signal.</summary>
    Interrupted = 130,
}

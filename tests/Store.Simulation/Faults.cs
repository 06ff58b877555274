namespace Gossipdb.Simulation;

/// <summary>Deliberate faults behind the simulator's own seams: each must be caught by a checker, or the checkers prove nothing.</summary>
public enum Fault
{
    None,

    /// <summary>The disk reports appends as durable before they are.</summary>
    LyingDisk,

    /// <summary>A restarted node takes the identity of its earlier life.</summary>
    ReusedReplicaId,

    /// <summary>Answers to fetches never arrive: what was lost on the wire is never repaired.</summary>
    NoRepair,

    /// <summary>Owners are believed to have told their clocks later than they did: expired keys are reaped under a longer life given elsewhere.</summary>
    EarlyReaping,

    /// <summary>The second half of every journal is lost at a crash, whatever was reported.</summary>
    LossyDisk,

    /// <summary>Clients name each attempt of an increment anew, as if operation ids did not exist.</summary>
    NoOperationIds,
}

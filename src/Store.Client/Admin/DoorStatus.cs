namespace Gossipdb.Client;

/// <summary>Who is at a node's ports, and what it has not let in since it started.</summary>
public sealed record DoorStatus
{
    /// <summary>Connections to all of its ports.</summary>
    public int Connections { get; init; }

    /// <summary>How many there may be: what is configured, or what the process may have of open files.</summary>
    public int MaxConnections { get; init; }

    /// <summary>Connections that have not said what they are for.</summary>
    public int Unknown { get; init; }

    /// <summary>How many connections one address may have.</summary>
    public int MaxOfAddress { get; init; }

    /// <summary>Connections that were hung up on because all were taken.</summary>
    public long RefusedInAll { get; init; }

    /// <summary>Connections that were hung up on because their address had all that it may have.</summary>
    public long RefusedOfAddress { get; init; }

    /// <summary>Connections that were hung up on because they did not say in time what they are for.</summary>
    public long Silent { get; init; }

    /// <summary>Connections to the data port that were hung up on because a frame did not come in time.</summary>
    public long SlowFrames { get; init; }

    /// <summary>Bytes of large frames on the data port that are not whole.</summary>
    public long ReceivingBytes { get; init; }

    /// <summary>How many of them there may be.</summary>
    public long MaxReceivingBytes { get; init; }

    /// <summary>Requests that were refused because a user or an address had made all that it may make in a second.</summary>
    public long RefusedRequests { get; init; }

    /// <summary>Lines of the audit log that could not be written.</summary>
    public long LostAuditLines { get; init; }
}

namespace Gossipdb.LocalCluster;

/// <summary>What the process of a node does.</summary>
public enum NodeState
{
    /// <summary>It runs; whether it serves yet, its health says.</summary>
    Running,

    /// <summary>It stands still by order.</summary>
    Paused,

    /// <summary>It was stopped by order.</summary>
    Stopped,

    /// <summary>It was killed by order.</summary>
    Killed,

    /// <summary>It ended though nobody had ordered that.</summary>
    Ended,
}

/// <summary>The process of a node of a local cluster.</summary>
/// <param name="Node">The node's number, from 1.</param>
/// <param name="State">What its process does.</param>
/// <param name="ProcessId">The id of its process, of the last one where it is down.</param>
/// <param name="Endpoint">Where it serves clients.</param>
public sealed record NodeProcessStatus(int Node, NodeState State, int ProcessId, string Endpoint)
{
    /// <summary>Where its health is asked for; empty where that is not known.</summary>
    public string HealthUrl { get; init; } = "";

    /// <summary>Whether it has a process that can answer.</summary>
    public bool IsRunning => State == NodeState.Running;

    /// <summary>Whether it has no process.</summary>
    public bool IsDown => State is NodeState.Stopped or NodeState.Killed or NodeState.Ended;
}

using Gossipdb.Client;
using Gossipdb.LocalCluster;

namespace Gossipdb.Lab.Faults;

/// <summary>What is wrong in a cluster by order.</summary>
public sealed record FaultsInForce
{
    /// <summary>What most of the nodes that answer know to be in force.</summary>
    public required FaultSet Faults { get; init; }

    /// <summary>The same as commands that bring it about.</summary>
    public IReadOnlyList<FaultCommand> Commands => Faults.InWords();

    /// <summary>What single nodes know instead, where that differs.</summary>
    public IReadOnlyDictionary<int, FaultSet> Otherwise { get; init; } = new Dictionary<int, FaultSet>();

    /// <summary>Why single nodes do not say what they know.</summary>
    public IReadOnlyDictionary<int, string> Silent { get; init; } = new Dictionary<int, string>();

    /// <summary>Every node's process; null where nobody on this machine has started them.</summary>
    public IReadOnlyList<NodeProcessStatus>? Processes { get; init; }

    /// <summary>The nodes that are paused or down, as commands that bring that about.</summary>
    public IReadOnlyList<ProcessCommand> ProcessCommands =>
    [
        .. (Processes ?? [])
            .Where(static one => !one.IsRunning)
            .GroupBy(static one => OrderOf(one.State), static one => one.Node)
            .OrderBy(static same => same.Key)
            .Select(static same => new ProcessCommand(same.Key, new NodeList(same))),
    ];

    /// <summary>Whether nothing is.</summary>
    public bool IsEmpty =>
        Faults.IsEmpty && Otherwise.Count == 0 && Silent.Count == 0 && (Processes ?? []).All(static one => one.IsRunning);

    private static NodeOrder OrderOf(NodeState state) => state switch
    {
        NodeState.Paused => NodeOrder.Pause,
        NodeState.Stopped => NodeOrder.Stop,
        _ => NodeOrder.Kill,
    };
}

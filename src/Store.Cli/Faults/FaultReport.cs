using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Lab.Faults;
using Gossipdb.LocalCluster;

namespace Gossipdb.Cli.Faults;

/// <summary>What is in force, for people and for programs.</summary>
internal static class FaultReport
{
    public static void Print(Terminal terminal, IReadOnlyList<int> nodes, FaultsInForce faults)
    {
        if (faults.IsEmpty)
        {
            terminal.Line("no faults are in force");
            return;
        }

        foreach (var command in All(faults)) terminal.Line(command.ToString());
        var table = Tables.New("node", "process", "faults that touch it");
        foreach (var node in nodes) table.AddTextRow($"{node}", ProcessOf(node, faults), FaultsOf(node, faults));
        terminal.Render(table);
        if (All(faults).Any()) terminal.Line("'gossipdb heal' mends everything");
        foreach (var node in faults.Otherwise.Keys.Order())
            terminal.Remark($"node {node} knows of other faults than most nodes; 'gossipdb heal', or the fault again, makes them agree");
    }

    public static JsonObject Document(IReadOnlyList<int> nodes, FaultsInForce faults) => new()
    {
        ["faults"] = Words(All(faults)),
        ["nodes"] = new JsonArray([.. nodes.Select(node => (JsonNode)new JsonObject
        {
            ["node"] = node,
            ["process"] = StatusOf(node, faults) is { } process ? StateOf(process) : null,
            ["processId"] = StatusOf(node, faults) is { IsDown: false } running ? running.ProcessId : null,
            ["faults"] = faults.Silent.ContainsKey(node) ? null : Words(Touching(node, faults)),
            ["error"] = faults.Silent.GetValueOrDefault(node),
        })]),
    };

    public static JsonObject Processes(IReadOnlyList<NodeProcessStatus> processes) => new()
    {
        ["nodes"] = new JsonArray([.. processes.Select(static one => (JsonNode)new JsonObject
        {
            ["node"] = one.Node,
            ["process"] = StateOf(one),
            ["processId"] = one.IsDown ? null : one.ProcessId,
        })]),
    };

    /// <summary>What was done to links, clocks and disks, and what comes of it.</summary>
    public static string Done(FaultCommand command, IFaultTarget target)
    {
        const string Heals = "'gossipdb heal' mends it";
        switch (command)
        {
            case HealCommand { Sides: null }:
                return target.Processes is null
                    ? "healed: every node reaches every other again"
                    : "healed: every node runs, and reaches every other again";
            case HealCommand heal:
                return $"healed: the links of {heal.Sides}";
            case CutCommand { Sides: { IsOneWay: false } sides }:
                var bridges = target.Nodes.Except(sides.Nodes).ToList();
                var between = bridges.Count == 0 ? "" : $" Node {string.Join(", ", bridges)} reaches all of them.";
                return $"{command.Word}: {command.ToString()[4..]}.{between} Nodes notice within two seconds; {Heals}";
            case ClockCommand { IsRight: true } clock:
                return $"the clock of node {string.Join(", ", clock.Nodes)} is right again";
            case DiskCommand { IsOk: true } disk:
                return $"the disk of node {string.Join(", ", disk.Nodes)} is ok again";
            default:
                return $"{command}; {Heals}";
        }
    }

    /// <summary>What was done to processes, and how they are.</summary>
    public static string Done(ProcessCommand order, IReadOnlyList<NodeProcessStatus> after)
    {
        var nodes = order.Nodes.Count == 1 ? $"node {order.Nodes}" : $"nodes {string.Join(", ", order.Nodes)}";
        var isOne = order.Nodes.Count == 1;
        var stays = $"{(isOne ? "stays" : "stay")} down until 'gossipdb start {order.Nodes}'";
        return order.Order switch
        {
            NodeOrder.Kill => $"{nodes} {(isOne ? "was" : "were")} killed, and {stays}",
            NodeOrder.Stop => $"{nodes} stopped, and {stays}",
            NodeOrder.Pause => $"{nodes} {(isOne ? "stands" : "stand")} still until 'gossipdb resume {order.Nodes}'",
            NodeOrder.Resume => $"{nodes} {(isOne ? "goes" : "go")} on",
            NodeOrder.Start => string.Join('\n', after.Where(one => order.Nodes.Contains(one.Node)).Select(static one => string.Create(
                CultureInfo.InvariantCulture, $"node {one.Node} is process {one.ProcessId}; 'gossipdb status' says when it serves"))),
            NodeOrder.Wipe => $"the data of {nodes} is deleted; 'gossipdb start {order.Nodes}' starts {(isOne ? "it" : "them")} empty",
            NodeOrder.Save => $"the data of {nodes} is copied to {order.Directory}",
            _ => $"the data of {nodes} is that of {order.Directory}; 'gossipdb start {order.Nodes}' starts it with that",
        };
    }

    private static IEnumerable<FaultCommand> All(FaultsInForce faults) => faults.Commands.Concat(faults.ProcessCommands);

    private static NodeProcessStatus? StatusOf(int node, FaultsInForce faults) => faults.Processes?.FirstOrDefault(one => one.Node == node);

    private static string ProcessOf(int node, FaultsInForce faults) => StatusOf(node, faults) switch
    {
        null => "",
        { IsRunning: true } one => string.Create(CultureInfo.InvariantCulture, $"{one.ProcessId}"),
        { } one => StateOf(one),
    };

    private static string StateOf(NodeProcessStatus process) => process.State switch
    {
        NodeState.Ended => "ended by itself",
        var state => state.ToString().ToLowerInvariant(),
    };

    private static string FaultsOf(int node, FaultsInForce faults) => faults.Silent.TryGetValue(node, out var problem)
        ? $"does not say: {problem}"
        : string.Join('\n', Touching(node, faults));

    private static IReadOnlyList<FaultCommand> Touching(int node, FaultsInForce faults) =>
        faults.Otherwise.GetValueOrDefault(node, faults.Faults).Touching(node).InWords();

    private static JsonArray Words(IEnumerable<FaultCommand> commands) =>
        [.. commands.Select(static command => (JsonNode)command.ToString())];
}

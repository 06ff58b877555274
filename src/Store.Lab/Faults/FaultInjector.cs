using Gossipdb.Client;
using Gossipdb.LocalCluster;

namespace Gossipdb.Lab.Faults;

/// <summary>
/// Brings faults about in a cluster, and mends them: those of links, clocks and disks by telling every node, those of processes through
/// whoever has started them. Commands are carried out one after the other.
/// </summary>
/// <param name="target">The cluster.</param>
public sealed class FaultInjector(IFaultTarget target)
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Carries out a command, and returns once it is in force everywhere.</summary>
    /// <param name="command">The command.</param>
    /// <param name="stop">Gives up; a part may have been done by then.</param>
    /// <exception cref="FaultException">It could not be carried out, or not everywhere; it says what is in the way.</exception>
    public async Task ApplyAsync(FaultCommand command, CancellationToken stop = default)
    {
        await _turn.WaitAsync(stop);
        try
        {
            await (command switch
            {
                ProcessCommand order => OrderAsync(order, stop),
                HealCommand { Sides: null } => HealAsync(stop),
                AddCommand add => AddAsync(add, stop),
                RemoveCommand remove => RemoveAsync(remove, stop),
                ReplaceCommand replace => ReplaceAsync(replace, stop),
                _ => ChangeAsync(command, stop),
            });
        }
        catch (Exception problem) when (problem is GossipdbException or LocalClusterException)
        {
            throw new FaultException($"{command}: {problem.Message}", problem);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>What is in force.</summary>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="FaultException">No node answers.</exception>
    public async Task<FaultsInForce> InForceAsync(CancellationToken stop = default)
    {
        var processes = await ProcessesAsync(stop);
        var answers = await AskAsync(processes, stop);
        var known = answers.Where(static one => one.Faults is not null).ToList();
        if (known.Count == 0 && (processes is null || processes.Any(static one => one.IsRunning)))
            throw new FaultException(answers.Select(static one => one.Problem?.Message).FirstOrDefault() ?? "there is no node");
        var agreed = Agreed(answers);
        return new FaultsInForce
        {
            Faults = agreed,
            Otherwise = known
                .Where(one => !FaultSets.IsSame(one.Faults!, agreed))
                .ToDictionary(static one => one.Node, static one => one.Faults!),
            Silent = answers
                .Where(one => one.Problem is not null && IsRunning(processes, one.Node))
                .ToDictionary(static one => one.Node, static one => one.Problem!.Message),
            Processes = processes,
        };
    }

    private async Task ChangeAsync(FaultCommand command, CancellationToken stop)
    {
        var processes = await ProcessesAsync(stop);
        var answers = await AskAsync(processes, stop);
        await TellAsync(Agreed(answers).With(command), processes, stop);
    }

    // Everyone who runs is told. Who does not run learns it from the others when it does again.
    private async Task TellAsync(FaultSet faults, IReadOnlyList<NodeProcessStatus>? processes, CancellationToken stop)
    {
        var told = await Task.WhenAll(target.Nodes.Where(node => IsRunning(processes, node)).Select(async node =>
        {
            try
            {
                await target.SetFaultsAsync(node, faults, stop);
                return (Node: node, Problem: (GossipdbException?)null);
            }
            catch (GossipdbException problem)
            {
                return (Node: node, Problem: problem);
            }
        }));
        var failed = told.Where(static one => one.Problem is not null).ToList();
        if (failed is not [var first, ..]) return;
        throw new FaultException(
            $"could not tell node {string.Join(", ", failed.Select(static one => one.Node))}: {first.Problem!.Message}", first.Problem);
    }

    private async Task OrderAsync(ProcessCommand command, CancellationToken stop)
    {
        var processes = RequireProcesses(command);
        await Task.WhenAll(command.Nodes.Select(node => processes.OrderAsync(command.Order, node, FullPathOf(command.Directory), stop)));
    }

    private async Task HealAsync(CancellationToken stop)
    {
        // Whoever runs first: those that go on or are started learn from them that nothing is wrong any more.
        var before = await ProcessesAsync(stop);
        await TellAsync(FaultSet.None, before, stop);
        if (before is null || target.Processes is not { } processes) return;
        foreach (var node in before.Where(static one => one.State == NodeState.Paused))
            await processes.OrderAsync(NodeOrder.Resume, node.Node, null, stop);
        foreach (var node in before.Where(static one => one.IsDown))
            await processes.OrderAsync(NodeOrder.Start, node.Node, null, stop);
        if (before.Any(static one => !one.IsRunning)) await TellAsync(FaultSet.None, await ProcessesAsync(stop), stop);
    }

    private async Task AddAsync(AddCommand command, CancellationToken stop)
    {
        var address = await RequireProcesses(command).StartNewNodeAsync(stop);
        var member = MemberOf(address) with { Zone = command.Zone, Capacity = command.Capacity };
        await target.ChangeLayoutAsync(admin => admin.StageAddAsync(member, stop), stop);
    }

    private Task RemoveAsync(RemoveCommand command, CancellationToken stop) => target.ChangeLayoutAsync(
        admin => command.Force
            ? admin.StageForcedRemoveAsync(command.Node, command.AcceptLoss, stop)
            : admin.StageRemoveAsync(command.Node, stop),
        stop);

    private async Task ReplaceAsync(ReplaceCommand command, CancellationToken stop)
    {
        if (target.Nodes.Contains(command.By)) throw new FaultException($"{command}: there is a node {command.By} already");
        var next = target.Nodes.Max() + 1;
        if (command.By != next) throw new FaultException($"{command}: the next new node is {next}");
        var member = MemberOf(await RequireProcesses(command).StartNewNodeAsync(stop));
        await target.ChangeLayoutAsync(
            admin => command.Force
                ? admin.StageForcedReplaceAsync(command.Node, member, command.AcceptLoss, stop)
                : admin.StageReplaceAsync(command.Node, member, stop),
            stop);
    }

    private INodeControl RequireProcesses(FaultCommand command) =>
        target.Processes ?? throw new FaultException($"{command}: {target.WhyNoProcesses}");

    private async Task<IReadOnlyList<NodeProcessStatus>?> ProcessesAsync(CancellationToken stop) =>
        target.Processes is { } processes ? await processes.ProcessesAsync(stop) : null;

    private async Task<IReadOnlyList<Answer>> AskAsync(IReadOnlyList<NodeProcessStatus>? processes, CancellationToken stop) =>
        await Task.WhenAll(target.Nodes.Where(node => IsRunning(processes, node)).Select(async node =>
        {
            try
            {
                return new Answer(node, await target.FaultsAsync(node, stop), null);
            }
            catch (GossipdbException problem)
            {
                return new Answer(node, null, problem);
            }
        }));

    // What most of those that answer know; where as many know one thing as another, what the node with the lowest number does.
    private static FaultSet Agreed(IReadOnlyList<Answer> answers)
    {
        var known = answers.Select(static one => one.Faults).OfType<FaultSet>().ToList();
        return known.MaxBy(faults => known.Count(other => FaultSets.IsSame(faults, other))) ?? FaultSet.None;
    }

    private static bool IsRunning(IReadOnlyList<NodeProcessStatus>? processes, int node) =>
        processes?.FirstOrDefault(one => one.Node == node) is not { IsRunning: false };

    private static string? FullPathOf(string? directory) => directory is null ? null : Path.GetFullPath(directory);

    private static LayoutMember MemberOf(NodeAddress address) => new()
    {
        Id = address.Id,
        PeerHost = address.PeerHost,
        PeerPort = address.PeerPort,
        ClientEndpoint = address.Endpoint,
    };

    private sealed record Answer(int Node, FaultSet? Faults, GossipdbException? Problem);
}

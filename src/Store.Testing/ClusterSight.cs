using Gossipdb.Client;
using Gossipdb.Lab.Running;
using Gossipdb.LocalCluster;

namespace Gossipdb.Testing;

/// <summary>Sees who hears whom and what each node holds, and waits until that is as it should be.</summary>
internal sealed class ClusterSight(ProcessCluster cluster) : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(20);
    private const int PartitionsNamed = 5;

    private readonly ClusterPoll _poll = new(cluster);

    /// <summary>Waits until nodes hear each other just as far as links let them.</summary>
    /// <param name="faults">What is in force.</param>
    /// <param name="what">What is waited for, as the error says it.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="GossipdbClusterException">It takes longer.</exception>
    public Task WaitHeardAsync(FaultSet faults, string what, TimeSpan timeout, CancellationToken cancellation)
    {
        // A link that comes and goes is heard or not.
        var changing = faults.Links.Where(static link => link.Every is not null).Select(static link => (link.From, link.To)).ToHashSet();
        var cut = faults.Links.Where(static link => link.Cut).Select(static link => (link.From, link.To)).ToHashSet();
        return WaitAsync(what, digests: false, timeout, cancellation, all =>
            Wrong(all, (hearer, heard) => changing.Contains((heard, hearer)) || changing.Contains((hearer, heard)) ? null
                : cut.Contains((heard, hearer)) ? false
                : cut.Contains((hearer, heard)) ? null
                : true));
    }

    /// <summary>Waits until all replicas of every partition hold equal states, and nobody keeps anything for others.</summary>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="GossipdbClusterException">It takes longer.</exception>
    public Task WaitConvergedAsync(TimeSpan timeout, CancellationToken cancellation) =>
        WaitAsync("all replicas hold equal states", digests: true, timeout, cancellation, Different);

    public void Dispose() => _poll.Dispose();

    private async Task WaitAsync(
        string what, bool digests, TimeSpan timeout, CancellationToken cancellation, Func<IReadOnlyList<NodeStatus>, string?> wrong)
    {
        var deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var running = cluster.Processes.Where(static one => one.IsRunning).Select(static one => one.Node).ToHashSet();
            var all = await _poll.AskAllAsync(digests, cancellation).ConfigureAwait(false);
            all = [.. all.Where(node => running.Contains(node.Node))];
            running.ExceptWith(all.Select(static node => node.Node));
            var problem = running.Count > 0 ? $"node {string.Join(", ", running.Order())} does not answer" : wrong(all);
            if (problem is null) return;
            if (Environment.TickCount64 >= deadline)
            {
                var ended = cluster.Nodes.Select(node => cluster.EndOf(node.Id)).OfType<string>();
                var late = FormattableString.Invariant($"not within {timeout.TotalSeconds:0.#} s: {what}: {problem}");
                throw new GossipdbClusterException(string.Join('\n', [late, .. ended]));
            }

            await Task.Delay(Every, cancellation).ConfigureAwait(false);
        }
    }

    // Whether one hears another as it should; null expects nothing of them. A node that is down or paused nobody need hear.
    private static string? Wrong(IReadOnlyList<NodeStatus> all, Func<int, int, bool?> expected)
    {
        var running = all.Select(static node => node.Node).ToHashSet();
        var wrong = new List<string>();
        foreach (var node in all)
        {
            foreach (var peer in node.Peers)
            {
                if (!running.Contains(peer.Node) || expected(node.Node, peer.Node) is not { } hears || hears == peer.Reachable) continue;
                wrong.Add($"node {node.Node} {(hears ? "does not hear" : "still hears")} node {peer.Node}");
            }
        }

        return wrong.Count == 0 ? null : string.Join(", ", wrong);
    }

    private static string? Different(IReadOnlyList<NodeStatus> all)
    {
        if (all.FirstOrDefault(static node => node.HeldBytes > 0) is { } holding)
            return $"node {holding.Node} still holds what others have to be told";
        var states = all.SelectMany(static node => node.Partitions.Select(one => (node.Node, one.Partition, Digest: Hex(one))))
            .GroupBy(static one => one.Partition).ToList();
        var apart = states.Where(static replicas => replicas.Select(static one => one.Digest).Distinct().Count() > 1).ToList();
        if (apart.Count == 0) return null;
        var unheard = Wrong(all, static (_, _) => true);
        var named = apart.Take(PartitionsNamed).Select(static one => $"{one.Key}");
        var more = apart.Count > PartitionsNamed ? $" and {apart.Count - PartitionsNamed} more" : "";
        return $"partition {string.Join(", ", named)}{more} differs between nodes"
            + (unheard is null ? "" : $", and {unheard}: HealAsync mends everything");
    }

    private static string Hex(PartitionStatus partition) => Convert.ToHexString(partition.Digest.Span);
}

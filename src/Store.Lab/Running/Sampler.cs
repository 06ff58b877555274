using System.Collections.Concurrent;
using System.Globalization;
using Gossipdb.Checking.History;
using Gossipdb.Client;

namespace Gossipdb.Lab.Running;

/// <summary>Writes into the history what every node says of itself, a few times a second.</summary>
internal sealed class Sampler(ClusterPoll poll, Recorder recorder)
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<int, NodeStatus?> _last = new();

    /// <summary>What each node said last; null where it did not answer.</summary>
    public IReadOnlyDictionary<int, NodeStatus?> Last => _last;

    /// <summary>How many changes of others a node lacked when it was last heard.</summary>
    public long MissingOf(NodeStatus node) => ReplicaClocks.MissingOf(node, [.. _last.Values.OfType<NodeStatus>()]);

    /// <summary>Samples until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        // Each node at a pace of its own: one that does not answer keeps nobody waiting.
        var sampled = new Dictionary<int, Task>();
        while (!stop.IsCancellationRequested)
        {
            foreach (var node in poll.Nodes.Where(node => !sampled.ContainsKey(node)))
                sampled.Add(node, SampleAsync(node, stop)); // nodes may be added
            await Task.Delay(Every, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(sampled.Values).ConfigureAwait(false);
    }

    private async Task SampleAsync(int node, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var at = recorder.Clock.Now;
                var status = await poll.AskAsync(node, digests: false, stop).ConfigureAwait(false);
                _last[node] = status;
                recorder.Note(new SampleRecord { At = at, Node = node, Figures = FiguresOf(status) });
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(Every, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private SortedDictionary<string, double> FiguresOf(NodeStatus? status)
    {
        var figures = new SortedDictionary<string, double>(StringComparer.Ordinal) { ["up"] = status is null ? 0 : 1 };
        if (status is null) return figures;
        figures["repairBytesSent"] = status.RepairBytesSent;
        figures["heldBytes"] = status.HeldBytes;
        figures["missingChanges"] = MissingOf(status);
        figures["bytesSent"] = status.Peers.Sum(static peer => peer.BytesSent);
        figures["reachable"] = status.Peers.Count(static peer => peer.Reachable);
        if (status.ClockAhead is { } ahead) figures["clockAheadMs"] = ahead.TotalMilliseconds;
        foreach (var peer in status.Peers)
        {
            // What two nodes know of each other's clocks is off by half of a round trip at most, and that is how they say it.
            if (peer.ClockAhead is not null)
                figures[string.Create(CultureInfo.InvariantCulture, $"rtt.{peer.Node}")] = 2 * peer.ClockUncertainty.TotalMilliseconds;
        }

        return figures;
    }
}

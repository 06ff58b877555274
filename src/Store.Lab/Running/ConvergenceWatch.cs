using Gossipdb.Checking.History;
using Gossipdb.Client;

namespace Gossipdb.Lab.Running;

/// <summary>
/// Sees when the replicas have converged after a mending, also while callers go on writing: once every owner has applied all that any of
/// them had at the mending. A partition's state is a function of its clock, so the clocks tell.
/// </summary>
internal sealed class ConvergenceWatch(ClusterPoll poll, Recorder recorder)
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits for it, and records it.</summary>
    /// <param name="since">When the last fault was mended.</param>
    /// <param name="stop">Gives up: something else is broken, or the run ends.</param>
    /// <returns>Whether it was seen.</returns>
    public async Task<bool> RunAsync(long since, CancellationToken stop)
    {
        try
        {
            var wanted = ReplicaClocks.Union(await AllAsync(stop).ConfigureAwait(false));
            while (!ReplicaClocks.Cover(await AllAsync(stop).ConfigureAwait(false), wanted))
                await Task.Delay(Every, stop).ConfigureAwait(false);
            recorder.Note(new ConvergedRecord { At = recorder.Clock.Now, Since = since });
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // One that does not answer has not converged, for all anybody knows.
    private async Task<IReadOnlyList<NodeStatus>> AllAsync(CancellationToken stop)
    {
        while (true)
        {
            var all = await poll.AskAllAsync(digests: false, stop).ConfigureAwait(false);
            if (ClusterPoll.MembersOf(all).All(member => all.Any(node => node.Node == member)) && all.Count > 0) return all;
            await Task.Delay(Every, stop).ConfigureAwait(false);
        }
    }
}

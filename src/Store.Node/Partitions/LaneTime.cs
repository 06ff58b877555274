using Gossipdb.Node.Observability;

namespace Gossipdb.Node.Partitions;

/// <summary>
/// Lets time pass for the partitions of one lane, all in one turn, on a thread of the pool: whoever tells the time is never held up by a
/// partition that is busy. Where the last time is not over yet, the next one is left out.
/// </summary>
/// <param name="directory">The partitions.</param>
/// <param name="health">Told where that fails.</param>
/// <param name="first">The lane's first partition.</param>
/// <param name="lanes">How many lanes there are: every so many partitions one is of this lane.</param>
internal sealed class LaneTime(PartitionDirectory directory, NodeHealth health, int first, int lanes) : IThreadPoolWorkItem
{
    private int _isRunning;

    /// <summary>Time has passed.</summary>
    public void Tick()
    {
        if (Interlocked.Exchange(ref _isRunning, 1) == 0) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Execute()
    {
        try
        {
            directory.Tick(first, lanes);
        }
        catch (Exception unexpected)
        {
            health.Fail("the time of the partitions failed", unexpected);
        }
        finally
        {
            Volatile.Write(ref _isRunning, 0);
        }
    }
}

using System.Diagnostics;

namespace Gossipdb.Bench.Cluster;

/// <summary>The CPU time used by this process and those of a cluster, user and system time together.</summary>
internal sealed class CpuMeter : IDisposable
{
    private const double SilentShareOfACore = 0.3;
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);

    private readonly List<Process> _processes;

    public CpuMeter(IEnumerable<int> processIds) =>
        _processes = [Process.GetCurrentProcess(), .. processIds.Select(Process.GetProcessById)];

    public TimeSpan Used
    {
        get
        {
            var used = TimeSpan.Zero;
            foreach (var process in _processes)
            {
                process.Refresh();
                used += process.TotalProcessorTime;
            }

            return used;
        }
    }

    /// <summary>Waits, without load, until the processes have next to nothing left to do in the background.</summary>
    public async Task WaitForSilenceAsync(CancellationToken stop)
    {
        for (var waited = TimeSpan.Zero; waited < LongestWait; waited += Glance)
        {
            var before = Used;
            await Task.Delay(Glance, stop);
            if (Used - before < Glance * SilentShareOfACore) return;
        }
    }

    public void Dispose() => _processes.ForEach(static process => process.Dispose());
}

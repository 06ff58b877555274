using System.Diagnostics;

namespace Gossipdb.Bench.Cluster;

/// <summary>The CPU time used by this process and those of a cluster, user and system time together.</summary>
internal sealed class CpuMeter : IDisposable
{
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

    public void Dispose() => _processes.ForEach(static process => process.Dispose());
}

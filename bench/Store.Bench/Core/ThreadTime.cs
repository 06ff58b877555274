using System.Runtime.InteropServices;

namespace Gossipdb.Bench.Core;

/// <summary>
/// The processor time of the calling thread: what else runs on the machine does not count. (Linux; elsewhere the time that passes.)
/// </summary>
internal static class ThreadTime
{
    // CLOCK_THREAD_CPUTIME_ID of clock_gettime(2).
    private const int ThreadClock = 3;

    /// <summary>So many milliseconds by now.</summary>
    public static double Milliseconds()
    {
        if (!OperatingSystem.IsLinux()) return Environment.TickCount64;
        var time = default(Timespec);
        return Read(ThreadClock, ref time) == 0 ? (time.Seconds * 1e3) + (time.Nanoseconds / 1e6) : Environment.TickCount64;
    }

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Read(int clock, ref Timespec time);
}

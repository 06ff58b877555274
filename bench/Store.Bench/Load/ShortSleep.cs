using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gossipdb.Bench.Load;

/// <summary>Sleeps of less than a millisecond, which the runtime's own cannot do, without turning in a circle meanwhile.</summary>
internal static class ShortSleep
{
    /// <summary>Sleeps until a timestamp of <see cref="Stopwatch"/>; on Linux and macOS to within some 0.1 ms.</summary>
    public static void Until(long timestamp)
    {
        while (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), timestamp) is { Ticks: > 0 } left)
        {
            if (OperatingSystem.IsWindows())
            {
                Thread.Sleep(1);
                continue;
            }

            _ = NanoSleep(new TimeSpec(left), 0); // a signal ends it early, and the loop goes on
        }
    }

    [DllImport("libc", EntryPoint = "nanosleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NanoSleep(in TimeSpec time, nint left);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpec(TimeSpan time)
    {
        private readonly nint _seconds = (nint)(time.Ticks / TimeSpan.TicksPerSecond);
        private readonly nint _nanoseconds = (nint)(time.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick);
    }
}

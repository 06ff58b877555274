using System.Diagnostics;
using System.Globalization;

namespace Gossipdb.Bench.Memory;

/// <summary>Makes every fsync of a process take longer, by a library that is compiled here and loaded before its own.</summary>
internal static class SlowDisk
{
    private const string Source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdlib.h>
        #include <unistd.h>
        static void wait_first(void) { const char *ms = getenv("GOSSIPDB_BENCH_FSYNC_MS"); if (ms) usleep(atoi(ms) * 1000); }
        static int call(const char *name, int file) { wait_first(); return ((int (*)(int))dlsym(RTLD_NEXT, name))(file); }
        int fsync(int file) { return call("fsync", file); }
        int fdatasync(int file) { return call("fdatasync", file); }
        """;

    /// <summary>What comes before the command of a process whose every fsync takes so much longer.</summary>
    public static async Task<string[]> CommandAsync(string directory, TimeSpan delay, CancellationToken stop)
    {
        var source = Path.Combine(directory, "slow-fsync.c");
        var library = Path.Combine(directory, "slow-fsync.so");
        await File.WriteAllTextAsync(source, Source, stop);
        using var compiler = Process.Start("cc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]);
        await compiler.WaitForExitAsync(stop);
        if (compiler.ExitCode != 0)
            throw new InvalidOperationException("the library that slows fsync down could not be compiled: a C compiler named cc is needed");
        return [
            "env",
            $"LD_PRELOAD={library}",
            string.Create(CultureInfo.InvariantCulture, $"GOSSIPDB_BENCH_FSYNC_MS={delay.TotalMilliseconds:0}"),
        ];
    }
}

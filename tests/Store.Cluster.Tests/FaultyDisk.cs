namespace Gossipdb.Cluster.Tests;

/// <summary>
/// A disk that fails when it is told to: a small library that a node's process loads before the system's own. It is compiled by the C
/// compiler of the machine.
/// </summary>
internal sealed class FaultyDisk : IDisposable
{
    private const string Source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>

        /* A fault is on while its file is there, for files whose path holds the text in it. */
        static int is_on(const char *fault, int fd)
        {
            char name[512], wanted[256], link[64], path[512];
            const char *directory = getenv("GOSSIPDB_TEST_DISK");
            if (!directory) return 0;
            snprintf(name, sizeof name, "%s/%s", directory, fault);
            int control = open(name, O_RDONLY | O_CLOEXEC);
            if (control < 0) return 0;
            ssize_t length = read(control, wanted, sizeof wanted - 1);
            close(control);
            wanted[length < 0 ? 0 : length] = 0;
            snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
            length = readlink(link, path, sizeof path - 1);
            if (length < 0) return 0;
            path[length] = 0;
            return *wanted && strstr(path, wanted);
        }

        #define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

        ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at)
        {
            if (is_on("full", fd)) { errno = ENOSPC; return -1; }
            return REAL(pwrite64)(fd, bytes, count, at);
        }

        ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
        {
            if (is_on("full", fd)) { errno = ENOSPC; return -1; }
            return REAL(pwrite)(fd, bytes, count, at);
        }

        static int flush(int fd)
        {
            if (is_on("failing-flush", fd)) { errno = EIO; return -1; }
            if (is_on("slow-flush", fd)) usleep(50000);
            return 0;
        }

        int fsync(int fd) { return flush(fd) ? -1 : REAL(fsync)(fd); }
        int fdatasync(int fd) { return flush(fd) ? -1 : REAL(fdatasync)(fd); }
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("gossipdb-disk-").FullName;

    private FaultyDisk()
    {
    }

    /// <summary>What a program's command line begins with that is to use it.</summary>
    public IReadOnlyList<string> Command => ["/usr/bin/env", $"LD_PRELOAD={Library}", $"GOSSIPDB_TEST_DISK={_directory}"];

    private string Library => Path.Combine(_directory, "disk.so");

    /// <summary>Makes one; null, with a line that says so, where the machine has no C compiler, or loads no libraries this way.</summary>
    public static async Task<FaultyDisk?> MakeAsync(Xunit.Abstractions.ITestOutputHelper output)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/cc"))
        {
            output.WriteLine("NOT TESTED: there is no /usr/bin/cc on this machine to make a disk that fails");
            return null;
        }

        var disk = new FaultyDisk();
        var source = Path.Combine(disk._directory, "disk.c");
        await File.WriteAllTextAsync(source, Source);
        var (code, _, error) = await Programs.RunAsync("/usr/bin/cc", "-shared", "-fPIC", "-O1", "-o", disk.Library, source, "-ldl");
        Assert.True(code == 0, error);
        return disk;
    }

    /// <summary>Has every flush of the nodes' journals take 50 ms more until disposed.</summary>
    public IDisposable SlowFlush() => On("slow-flush");

    /// <summary>Has no write to the nodes' journals find room until disposed.</summary>
    public IDisposable Full() => On("full");

    /// <summary>Has no write find room to files whose path has a text in it, until disposed.</summary>
    public IDisposable FullFor(string files) => On("full", files);

    /// <summary>Has every flush of the nodes' journals fail until disposed.</summary>
    public IDisposable FailingFlush() => On("failing-flush");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    // It is on at once, and with all of its text.
    private Fault On(string fault, string files = "journal.db")
    {
        var file = Path.Combine(_directory, fault);
        File.WriteAllText(file + ".new", files);
        File.Move(file + ".new", file);
        return new Fault(file);
    }

    private sealed class Fault(string file) : IDisposable
    {
        public void Dispose() => File.Delete(file);
    }
}

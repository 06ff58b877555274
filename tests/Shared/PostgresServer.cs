using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Gossipdb.Testing;

/// <summary>
/// A PostgreSQL server of this process's own, on a free port of the loopback address, with its data in a directory that goes with it. It
/// ends with this process, however that ends.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>Why a test is skipped where there is no server.</summary>
    public const string Missing = "PostgreSQL is not installed: 'apt-get install postgresql' (.ci/run does so as root)";

    public const string User = "postgres";
    public const string Password = "not to be seen";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // The shell ends with its standard input, which this process holds, and takes the server with it, at once: as a crash would.
    private const string Guard =
        """exec 2>/dev/null; trap "" INT TERM HUP; "$@" & server=$!; cat >/dev/null; kill -QUIT $server; wait $server""";

    private readonly string _programs;
    private readonly string _directory;
    private Process? _guard;

    private PostgresServer(string programs, string directory, int port) => (_programs, _directory, Port) = (programs, directory, port);

    public int Port { get; }

    /// <summary>Where a node connects to; without the password.</summary>
    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Database=postgres;Username={User}";

    /// <summary>A file whose first line is the password.</summary>
    public string PasswordFile => Path.Combine(_directory, "password");

    /// <summary>The lines of a node's configuration that put its journal here.</summary>
    public string[] Settings =>
    [
        "gossipdb.journal.provider = postgres",
        $"gossipdb.journal.connection-string = \"{ConnectionString}\"",
        $"gossipdb.journal.password-file = \"{PasswordFile}\"",
    ];

    /// <summary>Where the server's programs are; null where it is not installed.</summary>
    public static string? Find() => OperatingSystem.IsWindows() || !Directory.Exists("/usr/lib/postgresql")
        ? null
        : Directory.EnumerateDirectories("/usr/lib/postgresql")
            .OrderByDescending(static version => int.TryParse(Path.GetFileName(version), out var number) ? number : 0)
            .Select(static version => Path.Combine(version, "bin"))
            .FirstOrDefault(static programs => File.Exists(Path.Combine(programs, "initdb")));

    /// <summary>Makes a server and starts it.</summary>
    /// <param name="programs">Where its programs are.</param>
    public static async Task<PostgresServer> StartAsync(string programs)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var directory = Path.Combine(Path.GetTempPath(), $"gossipdb-postgres-{Guid.NewGuid():n}");
        Directory.CreateDirectory(directory);
        var server = new PostgresServer(programs, directory, port);
        try
        {
            await File.WriteAllTextAsync(server.PasswordFile, Password + "\n");

            // The server refuses to run as root, and everybody else may not become another user.
            if (Environment.IsPrivilegedProcess) await RunAsync("/bin/chown", "-R", User, directory);
            await RunAsync(server.AsServer("initdb", "-D", server.Data, "-U", User, "--no-sync", "--no-instructions", "-A", "scram-sha-256",
                "--pwfile", server.PasswordFile));
            await server.ResumeAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops it, without a word to whoever is connected: it recovers when it is started.</summary>
    public async Task StopAsync()
    {
        if (_guard is not { } guard) return;
        _guard = null;
        guard.StandardInput.Close();
        await guard.WaitForExitAsync().WaitAsync(Patience);
        guard.Dispose();
    }

    /// <summary>Starts it, and waits until it takes connections.</summary>
    public async Task ResumeAsync()
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true };
        foreach (var argument in (string[])["-c", Guard, "sh", .. AsServer(
            "postgres", "-D", Data, "-p", $"{Port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
            "-c", "log_destination=stderr", "-c", "logging_collector=on", "-c", "log_directory=log", "-c", "shared_buffers=32MB")])
            start.ArgumentList.Add(argument);
        _guard = Process.Start(start)!;
        var deadline = DateTime.UtcNow + Patience;
        while (await TryRunAsync([Path.Combine(_programs, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", $"{Port}"]) != 0)
        {
            if (_guard.HasExited || DateTime.UtcNow > deadline) throw new InvalidOperationException("PostgreSQL does not start");
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private string Data => Path.Combine(_directory, "data");

    private string[] AsServer(string program, params ReadOnlySpan<string> arguments) =>
    [
        .. Environment.IsPrivilegedProcess
            ? (string[])["/usr/bin/setpriv", $"--reuid={User}", $"--regid={User}", "--clear-groups"]
            : [],
        Path.Combine(_programs, program),
        .. arguments,
    ];

    private static async Task RunAsync(params string[] command)
    {
        if (await TryRunAsync(command) is not 0 and var code)
            throw new InvalidOperationException($"{string.Join(' ', command)}: exit code {code}");
    }

    private static async Task<int> TryRunAsync(string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}

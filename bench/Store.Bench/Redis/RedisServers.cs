using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Gossipdb.Bench.Redis;

/// <summary>
/// Three Redis servers on this machine, one primary with two replicas, with data in a directory of their own that is deleted at the end.
/// </summary>
internal sealed class RedisServers : IAsyncDisposable
{
    public const int Replicas = 2;
    private const string Executable = "redis-server";
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(5);

    // The shell ends with its standard input, which this process holds, and takes the server with it: no server outlives the benchmark.
    private const string Guard =
        """exec 2>/dev/null; trap "" INT TERM HUP; "$@" & server=$!; cat >/dev/null; kill -9 $server; wait $server""";

    private readonly List<Process> _guards = [];
    private readonly DirectoryInfo _data;
    private readonly int[] _ports;

    private RedisServers(DirectoryInfo data, int[] ports) => (_data, _ports) = (data, ports);

    public EndPoint Primary => new IPEndPoint(IPAddress.Loopback, _ports[0]);

    /// <summary>The servers' processes.</summary>
    public IReadOnlyList<int> ProcessIds { get; private set; } = [];

    /// <summary>The server's executable; null where it is not installed.</summary>
    public static string? Find() =>
        OperatingSystem.IsWindows()
            ? null
            : (Environment.GetEnvironmentVariable("PATH") ?? "")
                .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
                .Select(static folder => Path.Combine(folder, Executable))
                .FirstOrDefault(File.Exists);

    /// <summary>Starts the servers and waits until both replicas follow the primary.</summary>
    public static async Task<RedisServers> StartAsync(string executable, CancellationToken stop)
    {
        var servers = new RedisServers(Directory.CreateTempSubdirectory("gossipdb-bench-redis-"), FreePorts(1 + Replicas));
        try
        {
            for (var i = 0; i <= Replicas; i++) servers.Launch(executable, i);
            await servers.WaitReadyAsync(stop);
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection that is used for commands alone.</summary>
    public static ConfigurationOptions Connection(EndPoint server) => new()
    {
        EndPoints = { server },
        CommandMap = CommandMap.Create(["SUBSCRIBE"], available: false), // or each would open a second one, for messages
        AllowAdmin = true,
    };

    public async ValueTask DisposeAsync()
    {
        foreach (var guard in _guards)
        {
            try
            {
                guard.StandardInput.Close();
            }
            catch (IOException)
            {
                // It has ended already, and the pipe with it.
            }
        }

        using var late = new CancellationTokenSource(EndWithin);
        foreach (var guard in _guards)
        {
            await guard.WaitForExitAsync(late.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            guard.Dispose();
        }

        _data.Delete(recursive: true);
    }

    private void Launch(string executable, int number)
    {
        var directory = _data.CreateSubdirectory($"server-{number}").FullName;
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, UseShellExecute = false };
        string[] arguments =
        [
            "-c", Guard, "sh", executable,
            "--port", Number(_ports[number]),
            "--bind", "127.0.0.1",
            "--dir", directory,
            "--logfile", Path.Combine(directory, "redis.log"),
            "--appendonly", "yes",
            "--appendfsync", "everysec",
            "--save", "", // the log is what is kept, as of the others
            "--repl-diskless-sync-delay", "0",
            .. number == 0 ? (string[])[] : ["--replicaof", $"127.0.0.1 {Number(_ports[0])}"],
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        _guards.Add(Process.Start(start) ?? throw new InvalidOperationException("the shell did not start"));
    }

    private async Task WaitReadyAsync(CancellationToken stop)
    {
        var ids = new List<int>();
        foreach (var port in _ports)
        {
            var (info, waited) = ((string?)null, Stopwatch.StartNew());
            while (info is null || (port == _ports[0] && !FollowedBy(info, Replicas)))
            {
                if (waited.Elapsed > ReadyWithin)
                    throw new TimeoutException($"the Redis server on port {port} is not ready after {ReadyWithin.TotalSeconds:0} s");
                await Task.Delay(Glance, stop);
                info = await InfoAsync(port);
            }

            ids.Add(int.Parse(Field(info, "process_id") ?? "", CultureInfo.InvariantCulture));
        }

        ProcessIds = ids;
    }

    private static async Task<string?> InfoAsync(int port)
    {
        try
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(Connection(new IPEndPoint(IPAddress.Loopback, port)));
            return await connection.GetServers()[0].InfoRawAsync();
        }
        catch (RedisException)
        {
            return null; // it does not listen yet
        }
    }

    internal static bool FollowedBy(string info, int replicas) =>
        Enumerable.Range(0, replicas).All(i => Field(info, $"slave{i}")?.Contains("state=online", StringComparison.Ordinal) == true);

    private static string? Field(string info, string name) => info
        .Split('\n', StringSplitOptions.TrimEntries)
        .FirstOrDefault(line => line.StartsWith($"{name}:", StringComparison.Ordinal))?[(name.Length + 1)..];

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(static _ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(static listener => listener.Start());
        var ports = listeners.Select(static listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        listeners.ForEach(static listener => listener.Stop());
        return ports;
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>A node as a service of systemd: the executable, with the test in the service manager's place.</summary>
public sealed class ServiceTests
{
    [SkippableFact]
    public async Task A_service_is_ready_once_it_serves_gives_signs_of_life_and_says_that_it_stops()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "there is no systemd on this system");
        var directory = Directory.CreateTempSubdirectory("gossipdb-service");
        var path = Path.Combine(directory.FullName, "notify");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(path));
        var ports = NodePorts.Some(3);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var node = Start(path, Path.Combine(directory.FullName, "data"), ports);
        try
        {
            var told = new List<string>();
            await ReadUntilAsync(manager, told, "READY=1", deadline.Token);
            using (var http = new HttpClient())
            {
                var health = await http.GetAsync($"http://127.0.0.1:{ports[1]}/health/ready", deadline.Token);
                Assert.Equal(HttpStatusCode.OK, health.StatusCode);
            }

            told.Clear();
            await ReadUntilAsync(manager, told, "WATCHDOG=1", deadline.Token);
            using (var kill = Process.Start("kill", ["-TERM", node.Id.ToString(CultureInfo.InvariantCulture)]))
                await kill.WaitForExitAsync(deadline.Token);
            told.Clear();
            await ReadUntilAsync(manager, told, "STOPPING=1", deadline.Token);
            Assert.DoesNotContain("READY=1", told);
            await node.WaitForExitAsync(deadline.Token);
            Assert.Equal(0, node.ExitCode);
        }
        finally
        {
            node.Kill(entireProcessTree: true);
            directory.Delete(recursive: true);
        }
    }

    // Without a file: the environment says all there is to say.
    private static Process Start(string socket, string data, int[] ports)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "gossipdb"), ["node"]) { RedirectStandardInput = true };
        start.Environment["NOTIFY_SOCKET"] = socket;
        start.Environment["WATCHDOG_USEC"] = "600000";
        start.Environment["GOSSIPDB__NODE__ID"] = "1";
        start.Environment["GOSSIPDB__NODE__DATA_DIR"] = data;
        start.Environment["GOSSIPDB__NODE__CLIENT_PORT"] = $"{ports[0]}";
        start.Environment["GOSSIPDB__NODE__HTTP_PORT"] = $"{ports[1]}";
        start.Environment["GOSSIPDB__NODE__PEER_PORT"] = $"{ports[2]}";
        start.Environment["GOSSIPDB__NODE__STOP_WITH_PARENT"] = "on";
        start.Environment["GOSSIPDB__CLUSTER__NODES"] = $"1 127.0.0.1:{ports[2]} http://127.0.0.1:{ports[0]}";
        start.Environment["GOSSIPDB__CLUSTER__PARTITIONS"] = "4";
        start.Environment["GOSSIPDB__LOG__CONSOLE"] = "off";
        return Process.Start(start)!;
    }

    private static async Task ReadUntilAsync(Socket manager, List<string> told, string wanted, CancellationToken stop)
    {
        var buffer = new byte[4096];
        while (!told.Contains(wanted))
        {
            var read = await manager.ReceiveAsync(buffer, SocketFlags.None, stop);
            told.AddRange(Encoding.UTF8.GetString(buffer, 0, read).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
    }
}

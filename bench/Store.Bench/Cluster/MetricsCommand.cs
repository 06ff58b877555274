using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gossipdb.Bench.Report;
using Gossipdb.LocalCluster;
using Spectre.Console;

namespace Gossipdb.Bench.Cluster;

/// <summary>
/// <c>metrics</c>: what it costs to be observed. Two clusters of three processes, one that tells nobody anything and one that is read by
/// Prometheus and sends to a collector, each every so many seconds, and traces a share of its calls, under the same load in turns: so
/// that what else the machine does meets both.
/// </summary>
internal static class MetricsCommand
{
    // On a machine that does other things too a node is not heard for seconds now and then: that would end a turn.
    private const string Patient = "gossipdb.links.unreachable-after = 20s";

    public static Command Create()
    {
        var (seconds, turns) = (ClusterTurns.SecondsOption(), ClusterTurns.TurnsOption(5));
        var interval = new Option<int>("--interval")
        {
            Description = "Seconds between two readings, and between two exports, of a node",
            HelpName = "N",
            DefaultValueFactory = static _ => 5,
        };
        var traces = new Option<double>("--trace-ratio")
        {
            Description = "The share of the calls that the observed nodes trace, from 0 to 1",
            HelpName = "SHARE",
        };
        var command = new Command("metrics", "Throughput and CPU of nodes whose metrics are read, and calls traced, against others")
        {
            seconds, turns, interval, traces,
        };
        command.SetAction((parse, stop) => RunAsync(
            TimeSpan.FromSeconds(parse.GetValue(seconds)),
            parse.GetValue(turns),
            TimeSpan.FromSeconds(parse.GetValue(interval)),
            parse.GetValue(traces),
            stop));
        return command;
    }

    private static async Task<int> RunAsync(TimeSpan duration, int turns, TimeSpan interval, double traces, CancellationToken stop)
    {
        var machine = Machine.Now();
        var data = Directory.CreateTempSubdirectory("gossipdb-bench-");
        var endpoint = $"http://127.0.0.1:{FreePort()}/";
        using var collector = new HttpListener { Prefixes = { endpoint } };
        collector.Start();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var exports = new Exports();
        var collecting = Task.Run(() => CollectAsync(collector, exports), stop);
        try
        {
            await using var silent = await StartAsync(data.FullName, "silent", ["gossipdb.telemetry.prometheus = off"], stop);
            await using var observed = await StartAsync(
                data.FullName,
                "observed",
                [
                    $"gossipdb.telemetry.otlp-endpoint = \"{endpoint}\"",
                    "gossipdb.telemetry.otlp-protocol = \"http/protobuf\"",
                    $"gossipdb.telemetry.metrics-interval = {interval.TotalMilliseconds:0}ms",
                    $"gossipdb.telemetry.trace-ratio = {traces.ToString(CultureInfo.InvariantCulture)}",
                ],
                stop);
            var reading = Task.Run(() => ReadAsync(observed, interval, exports, ending.Token), stop);
            var table = new Table { Border = TableBorder.Rounded };
            foreach (var name in (string[])["", "off op/s", "on op/s", "ratio", "off µs CPU/op", "on µs CPU/op", "ratio"])
                table.AddColumn(new TableColumn(name).RightAligned().NoWrap());
            foreach (var (name, isWrite) in new[] { ("writes, W=2, journal", true), ("reads, R=2", false) })
            {
                var (off, on) = await ClusterTurns.AlternateAsync(silent, observed, isWrite, 100, turns, duration, stop);
                table.AddRow(
                    name, Number(off.Rate), Number(on.Rate), Ratio(on.Rate / off.Rate), Number(off.Cost, 1), Number(on.Cost, 1),
                    Ratio(on.Cost / off.Cost));
            }

            await ending.CancelAsync();
            collector.Stop();
            await Task.WhenAll(reading, collecting);
            if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 160;
            AnsiConsole.Write(table);
            Console.WriteLine($"{ClusterTurns.InFlight} calls at once of one client; CPU of the nodes, the client, and of who reads and "
                + $"collects the metrics, together; {turns} turns of {duration.TotalSeconds:0} s each, one after the other. "
                + $"{exports.Read} readings, {exports.Received} exports, {traces:0.###} of the calls traced. Machine: {machine}.");
            return 0;
        }
        finally
        {
            await ending.CancelAsync();
            data.Delete(recursive: true);
        }
    }

    private static Task<ProcessCluster> StartAsync(string directory, string name, string[] settings, CancellationToken stop) =>
        ProcessCluster.StartReadyAsync(
            new LocalClusterOptions
            {
                DataDirectory = Path.Combine(directory, name),
                Nodes = 3,
                Settings = [.. settings, Patient],
                Command = [Path.Combine(AppContext.BaseDirectory, "gossipdb")],
            },
            stop);

    private static async Task ReadAsync(ProcessCluster cluster, TimeSpan interval, Exports exports, CancellationToken stop)
    {
        using var http = new HttpClient();
        using var timer = new PeriodicTimer(interval);
        try
        {
            do
            {
                foreach (var node in cluster.Nodes)
                {
                    await http.GetByteArrayAsync(new Uri(new Uri(node.HealthUrl), "/metrics"), stop);
                    Interlocked.Increment(ref exports.Read);
                }
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
    }

    // A collector that takes everything and keeps nothing.
    private static async Task CollectAsync(HttpListener collector, Exports exports)
    {
        try
        {
            while (true)
            {
                var context = await collector.GetContextAsync();
                await context.Request.InputStream.CopyToAsync(Stream.Null);
                context.Response.Close();
                Interlocked.Increment(ref exports.Received);
            }
        }
        catch (Exception over) when (over is HttpListenerException or ObjectDisposedException or IOException)
        {
            // It is over.
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static string Number(double value, int digits = 0) => value.ToString($"N{digits}", CultureInfo.InvariantCulture);

    private static string Ratio(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private sealed class Exports
    {
        public long Read;
        public long Received;
    }
}

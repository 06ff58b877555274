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
/// that what else the machine does meets both. Two clusters of the same settings differ by some percent for as long as they run, so both
/// are started anew for each round. With <c>--control</c> the second is as silent as the first: what is measured then is the noise.
/// </summary>
internal static class MetricsCommand
{
    // On a machine that does other things too a node is not heard for seconds now and then: that would end a turn.
    private const string Patient = "gossipdb.links.unreachable-after = 20s";

    private static readonly string[] Silent = ["gossipdb.telemetry.prometheus = off"];

    public static Command Create()
    {
        var (seconds, turns) = (ClusterTurns.SecondsOption(), ClusterTurns.TurnsOption(2));
        var rounds = new Option<int>("--rounds")
        {
            Description = "How often both clusters are started",
            HelpName = "N",
            DefaultValueFactory = static _ => 5,
        };
        var control = new Option<bool>("--control") { Description = "Nobody observes the second cluster either" };
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
            seconds, turns, rounds, interval, traces, control,
        };
        command.SetAction((parse, stop) => RunAsync(
            new Plan(
                parse.GetValue(rounds),
                parse.GetValue(turns),
                TimeSpan.FromSeconds(parse.GetValue(seconds)),
                TimeSpan.FromSeconds(parse.GetValue(interval)),
                parse.GetValue(traces),
                parse.GetValue(control)),
            stop));
        return command;
    }

    private static async Task<int> RunAsync(Plan plan, CancellationToken stop)
    {
        var machine = Machine.Now();
        var endpoint = $"http://127.0.0.1:{FreePort()}/";
        using var collector = new HttpListener { Prefixes = { endpoint } };
        collector.Start();
        var exports = new Exports();
        var collecting = Task.Run(() => CollectAsync(collector, exports), stop);
        var (writes, reads) = (new List<Pair>(), new List<Pair>());
        for (var round = 0; round < plan.Rounds; round++)
        {
            var data = Directory.CreateTempSubdirectory("gossipdb-bench-");
            try
            {
                await MeasureAsync(data.FullName, endpoint, plan, exports, writes, reads, stop);
            }
            finally
            {
                data.Delete(recursive: true);
            }
        }

        collector.Stop();
        await collecting;
        var table = new Table { Border = TableBorder.Rounded };
        string[] columns = ["", "off op/s", "on op/s", "ratio", "of the rounds", "off µs CPU/op", "on µs CPU/op", "ratio", "of the rounds"];
        foreach (var name in columns)
            table.AddColumn(new TableColumn(name).RightAligned().NoWrap());
        AddRow(table, "writes, W=2, journal", writes);
        AddRow(table, "reads, R=2", reads);
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 160;
        AnsiConsole.Write(table);
        Console.WriteLine($"{ClusterTurns.InFlight} calls at once of one client; CPU of the nodes, the client, and of who reads and "
            + $"collects the metrics, together; the middle one of {plan.Rounds} rounds, in each {plan.Turns} turns of "
            + $"{plan.Duration.TotalSeconds:0} s each. {exports.Read} readings, {exports.Received} exports, "
            + $"{(plan.IsControl ? 0 : plan.Traces):0.###} of the calls traced{(plan.IsControl ? "; nobody observes" : "")}. "
            + $"Machine: {machine}.");
        return 0;
    }

    private static async Task MeasureAsync(
        string data, string endpoint, Plan plan, Exports exports, List<Pair> writes, List<Pair> reads, CancellationToken stop)
    {
        await using var silent = await StartAsync(data, "silent", Silent, stop);
        await using var observed = await StartAsync(data, "observed", plan.IsControl ? Silent : plan.Settings(endpoint), stop);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var reading = plan.IsControl ? Task.CompletedTask : Task.Run(() => ReadAsync(observed, plan.Interval, exports, ending.Token), stop);
        try
        {
            writes.Add(await AlternateAsync(isWrite: true));
            reads.Add(await AlternateAsync(isWrite: false));
        }
        finally
        {
            await ending.CancelAsync();
        }

        await reading;

        async Task<Pair> AlternateAsync(bool isWrite)
        {
            var (off, on) = await ClusterTurns.AlternateAsync(silent, observed, isWrite, 100, plan.Turns, plan.Duration, stop);
            return new Pair(off.Rate, on.Rate, off.Cost, on.Cost);
        }
    }

    private static void AddRow(Table table, string name, List<Pair> rounds)
    {
        var (rate, cost) = (Of(static pair => pair.OnRate / pair.OffRate), Of(static pair => pair.OnCost / pair.OffCost));
        table.AddRow(
            name,
            Number(Of(static pair => pair.OffRate).Median), Number(Of(static pair => pair.OnRate).Median),
            Ratio(rate.Median), $"{Ratio(rate.Least)} to {Ratio(rate.Most)}",
            Number(Of(static pair => pair.OffCost).Median, 1), Number(Of(static pair => pair.OnCost).Median, 1),
            Ratio(cost.Median), $"{Ratio(cost.Least)} to {Ratio(cost.Most)}");

        Spread Of(Func<Pair, double> figure) => Spread.Of(rounds.Select(figure));
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

    // What one round of either load came to.
    private sealed record Pair(double OffRate, double OnRate, double OffCost, double OnCost);

    private sealed record Plan(int Rounds, int Turns, TimeSpan Duration, TimeSpan Interval, double Traces, bool IsControl)
    {
        public string[] Settings(string endpoint) =>
        [
            $"gossipdb.telemetry.otlp-endpoint = \"{endpoint}\"",
            "gossipdb.telemetry.otlp-protocol = \"http/protobuf\"",
            $"gossipdb.telemetry.metrics-interval = {Interval.TotalMilliseconds:0}ms",
            $"gossipdb.telemetry.trace-ratio = {Traces.ToString(CultureInfo.InvariantCulture)}",
        ];
    }

    private sealed class Exports
    {
        public long Read;
        public long Received;
    }
}

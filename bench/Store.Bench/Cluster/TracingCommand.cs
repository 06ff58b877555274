using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Gossipdb.Bench.Report;
using Gossipdb.Client;
using Gossipdb.LocalCluster;
using Spectre.Console;

namespace Gossipdb.Bench.Cluster;

/// <summary>
/// <c>tracing</c>: what traces cost. Two clusters of three processes, one that traces nothing and one whose nodes send their spans, under
/// the same load in turns. The client decides which calls are traced: none, every hundredth, all.
/// </summary>
internal static class TracingCommand
{
    private static readonly double[] Ratios = [0, 0.01, 1];

    public static Command Create()
    {
        var seconds = new Option<int>("--seconds")
        {
            Description = "How long each turn is measured",
            HelpName = "N",
            DefaultValueFactory = static _ => 10,
        };
        var turns = new Option<int>("--turns")
        {
            Description = "How often each has its turn",
            HelpName = "N",
            DefaultValueFactory = static _ => 3,
        };
        var command = new Command("tracing", "Throughput and CPU with traces against without") { seconds, turns };
        command.SetAction((parse, stop) =>
            RunAsync(TimeSpan.FromSeconds(parse.GetValue(seconds)), parse.GetValue(turns), stop));
        return command;
    }

    private static async Task<int> RunAsync(TimeSpan duration, int turns, CancellationToken stop)
    {
        var machine = Machine.Now();
        var data = Directory.CreateTempSubdirectory("gossipdb-bench-");
        try
        {
            using var sink = new SpanSink();
            await using var plain = await StartAsync(Path.Combine(data.FullName, "plain"), [], stop);
            await using var traced = await StartAsync(
                Path.Combine(data.FullName, "traced"),
                [$"gossipdb.telemetry.otlp-endpoint = \"{sink.Endpoint}\"", "gossipdb.telemetry.otlp-protocol = http/protobuf"],
                stop);
            var table = new Table { Border = TableBorder.Rounded };
            foreach (var name in (string[])["", "traced", "op/s", "ratio", "µs CPU/op", "ratio"])
                table.AddColumn(new TableColumn(name).RightAligned().NoWrap());
            foreach (var (name, isWrite) in new[] { ("writes of 100 B, W=2, journal", true), ("reads of 100 B, R=2", false) })
            {
                var of = new Turns();
                var with = Array.ConvertAll(Ratios, static _ => new Turns());
                for (var turn = 0; turn < turns; turn++)
                {
                    of.Add(await RegisterLoad.MeasureAsync(plain, isWrite, 100, duration, stop));
                    for (var i = 0; i < Ratios.Length; i++)
                    {
                        using var sampling = Sample(Ratios[i]);
                        with[i].Add(await RegisterLoad.MeasureAsync(traced, isWrite, 100, duration, stop));
                    }
                }

                table.AddRow(name, "off", Number(of.Rate), "", Number(of.Cost), "");
                for (var i = 0; i < Ratios.Length; i++)
                {
                    table.AddRow(
                        "", Ratios[i].ToString(CultureInfo.InvariantCulture), Number(with[i].Rate), Ratio(with[i].Rate / of.Rate),
                        Number(with[i].Cost), Ratio(with[i].Cost / of.Cost));
                }
            }

            if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 160;
            AnsiConsole.Write(table);
            Console.WriteLine($"{RegisterLoad.InFlight} calls at once of one client; CPU of the nodes, the client and what takes the spans "
                + $"together; {turns} turns of {duration.TotalSeconds:0} s each, one after the other. {sink.Bytes:N0} bytes of spans and "
                + $"metrics came. Machine: {machine}.");
            return 0;
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    // What an application's sampler does.
    private static ActivityListener Sample(double ratio)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == GossipdbClient.TelemetryName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => Random.Shared.NextDouble() < ratio
                ? ActivitySamplingResult.AllDataAndRecorded
                : ActivitySamplingResult.None,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static Task<ProcessCluster> StartAsync(string directory, IReadOnlyList<string> settings, CancellationToken stop) =>
        ProcessCluster.StartReadyAsync(
            new LocalClusterOptions
            {
                DataDirectory = directory,
                Nodes = 3,
                Settings = settings,
                Command = [Path.Combine(AppContext.BaseDirectory, "gossipdb")],
            },
            stop);

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Ratio(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}

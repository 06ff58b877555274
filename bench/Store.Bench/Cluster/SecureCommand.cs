using System.CommandLine;
using System.Globalization;
using Gossipdb.Bench.Report;
using Gossipdb.LocalCluster;
using Spectre.Console;

namespace Gossipdb.Bench.Cluster;

/// <summary>
/// <c>secure</c>: what TLS and authentication cost. Two clusters of three processes, one plain and one as <c>up --secure</c> makes it,
/// under the same load in turns: so that what else the machine does meets both.
/// </summary>
internal static class SecureCommand
{
    public static Command Create()
    {
        var (seconds, turns) = (ClusterTurns.SecondsOption(), ClusterTurns.TurnsOption(3));
        var command = new Command("secure", "Throughput and CPU with TLS and authentication against without") { seconds, turns };
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
            await using var plain = await StartAsync(data.FullName, isSecure: false, stop);
            await using var secure = await StartAsync(data.FullName, isSecure: true, stop);
            var table = new Table { Border = TableBorder.Rounded };
            foreach (var name in (string[])["", "plain op/s", "secure op/s", "ratio", "plain µs CPU/op", "secure µs CPU/op", "ratio"])
                table.AddColumn(new TableColumn(name).RightAligned().NoWrap());
            foreach (var (name, isWrite, bytes) in new[]
            {
                ("writes, W=2, journal", true, 100), ("reads, R=2", false, 100), ("writes of 16 KiB, W=2", true, 16 << 10),
            })
            {
                var (of, with) = await ClusterTurns.AlternateAsync(plain, secure, isWrite, bytes, turns, duration, stop);
                table.AddRow(
                    name, Number(of.Rate), Number(with.Rate), Ratio(with.Rate / of.Rate), Number(of.Cost), Number(with.Cost),
                    Ratio(with.Cost / of.Cost));
            }

            if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 160;
            AnsiConsole.Write(table);
            Console.WriteLine($"{ClusterTurns.InFlight} calls at once of one client; CPU of the nodes and the client together; {turns} "
                + $"turns of {duration.TotalSeconds:0} s each, one after the other. Machine: {machine}.");
            return 0;
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static Task<ProcessCluster> StartAsync(string directory, bool isSecure, CancellationToken stop) =>
        ProcessCluster.StartReadyAsync(
            new LocalClusterOptions
            {
                DataDirectory = Path.Combine(directory, isSecure ? "secure" : "plain"),
                Nodes = 3,
                Secure = isSecure,
                Command = [Path.Combine(AppContext.BaseDirectory, "gossipdb")],
            },
            stop);

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Ratio(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}

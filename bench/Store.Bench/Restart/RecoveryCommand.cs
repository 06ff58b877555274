using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Gossipdb.Bench.Report;
using Gossipdb.Client;
using Gossipdb.LocalCluster;
using Spectre.Console;

namespace Gossipdb.Bench.Restart;

/// <summary>
/// <c>recovery</c>: one node with many keys is ended by <c>kill -9</c> under load and started again. How long until its first partition
/// serves, and until all do.
/// </summary>
internal static class RecoveryCommand
{
    private const double MostSeconds = 10;
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(20);

    public static Command Create()
    {
        var node = new LoadedNodeOptions();
        var starts = new Option<int>("--starts") { Description = "How often", HelpName = "N", DefaultValueFactory = static _ => 3 };
        var check = new Option<bool>("--check") { Description = "Exit with 1 where the bar is missed" };
        var command = new Command("recovery", "The start of a node with many keys, after kill -9 under load") { starts, check };
        node.AddTo(command);
        command.SetAction((parse, stop) => node.RunAsync(parse, async (options, keys, bytes) =>
        {
            var slowest = await RunAsync(options, keys, bytes, parse.GetValue(starts), stop);
            return slowest > MostSeconds && parse.GetValue(check) ? 1 : 0;
        }));
        return command;
    }

    private static async Task<double> RunAsync(LocalClusterOptions options, int keys, int bytes, int starts, CancellationToken stop)
    {
        var machine = Machine.Now();
        await using var loaded = await LoadedNode.StartAsync(options, keys, bytes, stop);
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var column in (string[])["start", "journal MB", "first partition s", "all s", "CPU s", "keys/s", "MB/s", "peak RSS MB"])
            table.AddColumn(new TableColumn(column).RightAligned());
        var slowest = 0.0;
        for (var i = 1; i <= starts; i++)
        {
            await loaded.KillUnderLoadAsync(stop);
            var journal = loaded.JournalBytes;
            var clock = Stopwatch.StartNew();
            var ready = loaded.Local.RestartAsync(1, stop);
            var first = await FirstPartitionAsync(loaded, clock, ready, stop);
            await ready;
            var all = clock.Elapsed.TotalSeconds;
            slowest = Math.Max(slowest, all);
            using var process = Process.GetProcessById(loaded.Local.ProcessIdOf(1));
            table.AddRow(
                $"{i}", Number(journal / 1e6), $"{first:0.0}", $"{all:0.0}", $"{process.TotalProcessorTime.TotalSeconds:0.0}",
                Number(keys / all), $"{journal / 1e6 / all:0.0}", Number(LoadedNode.MegabytesOf(process.Id, "VmHWM:")));
            await loaded.CheckAsync(stop);
        }

        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 160;
        AnsiConsole.Write(table);
        Console.WriteLine(
            $"{keys:#,0} keys of {bytes} B on one node; all serve again within 10 s: {(slowest <= MostSeconds ? "yes" : "NO")}.");
        Console.WriteLine($"Machine: {machine}.");
        return slowest;
    }

    // When the first partition serves, as the node's status says.
    private static async Task<double> FirstPartitionAsync(LoadedNode loaded, Stopwatch clock, Task ready, CancellationToken stop)
    {
        using var admin = new GossipdbAdmin(loaded.Local.Nodes[0].Endpoint, TimeSpan.FromSeconds(1));
        while (!ready.IsCompleted)
        {
            try
            {
                var status = await admin.StatusAsync(cancellation: stop);
                if (status.Partitions.Any(static partition => partition.NotServing.Length == 0)) break;
            }
            catch (GossipdbException)
            {
                // It does not answer yet.
            }

            await Task.Delay(PollEvery, stop);
        }

        return clock.Elapsed.TotalSeconds;
    }

    private static string Number(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}

using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Gossipdb.Bench.Report;
using Gossipdb.Bench.Restart;
using Gossipdb.LocalCluster;
using Spectre.Console;

namespace Gossipdb.Bench.Backup;

/// <summary>
/// <c>backup</c>: what a whole backup of one node costs, a further one after a hundredth of the keys changed, and restoring both into an
/// empty cluster, by the shell's own commands.
/// </summary>
internal static class BackupCommand
{
    public static Command Create()
    {
        var keys = new Option<int>("--keys") { Description = "Keys", HelpName = "N", DefaultValueFactory = static _ => 200_000 };
        var bytes = new Option<int>("--bytes")
        {
            Description = "Bytes of a value",
            HelpName = "N",
            DefaultValueFactory = static _ => 1_000,
        };
        var nodes = new Option<int>("--nodes") { Description = "Nodes restored into", HelpName = "N", DefaultValueFactory = static _ => 3 };
        var command = new Command("backup", "Backup and restore, in MB/s of the backup's files") { keys, bytes, nodes };
        command.SetAction(async (parse, stop) =>
        {
            var directory = Directory.CreateTempSubdirectory("gossipdb-bench-").FullName;
            try
            {
                await RunAsync(directory, parse.GetValue(keys), parse.GetValue(bytes), parse.GetValue(nodes), stop);
            }
            finally
            {
                Directory.Delete(directory, recursive: true);
            }
        });
        return command;
    }

    private static async Task RunAsync(string directory, int keys, int bytes, int nodes, CancellationToken stop)
    {
        var machine = Machine.Now();
        var backups = Path.Combine(directory, "backups");
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var column in (string[])["step", "MB", "s", "MB/s", "keys/s", "the nodes' CPU s"])
            table.AddColumn(new TableColumn(column).RightAligned());
        await using (var loaded = await LoadedNode.StartAsync(Options(Path.Combine(directory, "from"), 1), keys, bytes, stop))
        {
            var node = loaded.Local.Nodes[0].Endpoint;
            var whole = await StepAsync(table, "backup, whole", loaded.Local, backups, keys, ["backup", backups, "--endpoint", node], stop);
            await ChangeAsync(loaded, keys / 100, stop);
            await StepAsync(
                table, "backup, 1 % changed", loaded.Local, backups, keys / 100, ["backup", backups, "--endpoint", node], stop, whole);
        }

        await StepAsync(table, "verify", null, backups, keys, ["verify", backups], stop);
        await using (var other = await ProcessCluster.StartReadyAsync(Options(Path.Combine(directory, "to"), nodes), stop))
        {
            await StepAsync(
                table, $"restore, {nodes} nodes", other, backups, keys, ["restore", backups, "--endpoint", other.Nodes[0].Endpoint], stop);
        }

        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 160;
        AnsiConsole.Write(table);
        Console.WriteLine($"{keys:#,0} registers of {bytes} B, 64 partitions. Machine: {machine}.");
    }

    private static async Task ChangeAsync(LoadedNode loaded, int keys, CancellationToken stop)
    {
        await using var client = await loaded.ConnectAsync(stop);
        for (var i = 0; i < keys; i++)
            await client.Register(string.Create(CultureInfo.InvariantCulture, $"key-{i:D9}")).SetAsync("changed", cancellation: stop);
    }

    // What lies in the directory afterwards, less what lay there before, is what the step wrote.
    private static async Task<double> StepAsync(
        Table table, string step, ProcessCluster? cluster, string backups, int keys, string[] command, CancellationToken stop,
        double before = 0)
    {
        var nodesBefore = CpuOf(cluster);
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(
            new ProcessStartInfo(LoadedNode.OwnExecutable, command) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(stop);
        var error = process.StandardError.ReadToEndAsync(stop);
        await process.WaitForExitAsync(stop);
        var seconds = clock.Elapsed.TotalSeconds;
        if (process.ExitCode != 0) throw new InvalidOperationException($"{step}: {await output}{await error}");
        var all = Directory.EnumerateFiles(backups, "*", SearchOption.AllDirectories).Sum(static file => new FileInfo(file).Length) / 1e6;
        var written = all - before;
        table.AddRow(
            step, Number(written, 1), Number(seconds, 1), Number(written / seconds, 1), Number(keys / seconds, 0),
            cluster is null ? "–" : Number(CpuOf(cluster) - nodesBefore, 1));
        return all;
    }

    private static double CpuOf(ProcessCluster? cluster)
    {
        var seconds = 0.0;
        foreach (var node in cluster?.Nodes ?? [])
        {
            using var process = Process.GetProcessById(cluster!.ProcessIdOf(node.Id));
            seconds += process.TotalProcessorTime.TotalSeconds;
        }

        return seconds;
    }

    private static LocalClusterOptions Options(string directory, int nodes) =>
        new() { DataDirectory = directory, Nodes = nodes, Command = [LoadedNode.OwnExecutable] };

    private static string Number(double value, int digits) => value.ToString($"N{digits}", CultureInfo.InvariantCulture);
}

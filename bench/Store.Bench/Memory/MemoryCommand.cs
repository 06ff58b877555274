using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Gossipdb.Bench.Report;
using Gossipdb.LocalCluster;
using Spectre.Console;

namespace Gossipdb.Bench.Memory;

/// <summary>
/// <c>memory</c>: the memory of three nodes over time under loads that would fill it (clients that do not read, a slow disk, large
/// values, large documents), and how others are served
/// meanwhile. The same loads run against another build of the node, to compare.
/// </summary>
internal static class MemoryCommand
{
    private static readonly TimeSpan SampleEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var loads = new Argument<string[]>("load")
        {
            Description = $"Which: {string.Join(", ", MemoryLoads.All.Select(static load => load.Name))}; none: all",
            Arity = ArgumentArity.ZeroOrMore,
        };
        loads.AcceptOnlyFromAmong([.. MemoryLoads.All.Select(static load => load.Name)]);
        var seconds = new Option<int>("--seconds")
        {
            Description = "How long each load lasts",
            HelpName = "N",
            DefaultValueFactory = static _ => 30,
        };
        var node = new Option<string?>("--node") { Description = "Another build's executable of the node", HelpName = "FILE" };
        var command = new Command("memory", "Memory of nodes over time under loads that would fill it, on three processes")
        {
            loads, seconds, node
        };
        command.SetAction(async (parse, stop) =>
        {
            var machine = Machine.Now();
            var named = parse.GetValue(loads) ?? [];
            foreach (var load in MemoryLoads.All.Where(load => named.Length == 0 || named.Contains(load.Name)))
                await RunAsync(load, TimeSpan.FromSeconds(parse.GetValue(seconds)), parse.GetValue(node), stop);
            Console.WriteLine($"Machine: {machine}.");
            return 0;
        });
        return command;
    }

    private static async Task RunAsync(MemoryLoad load, TimeSpan duration, string? executable, CancellationToken stop)
    {
        var data = Directory.CreateTempSubdirectory("gossipdb-bench-");
        try
        {
            string[] node =
                [executable ?? Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "gossipdb.exe" : "gossipdb")];
            await using var cluster = await ProcessCluster.StartReadyAsync(
                new LocalClusterOptions
                {
                    DataDirectory = Path.Combine(data.FullName, "data"),
                    Nodes = 3,
                    Command = load.FsyncDelay is { } delay ? [.. await SlowDisk.CommandAsync(data.FullName, delay, stop), .. node] : node,
                    Settings = load.FsyncDelay is null ? [] : ["gossipdb.journal.busy-timeout = 60s"],
                },
                stop);
            await MeasureAsync(load, duration, cluster, stop);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(MemoryLoad load, TimeSpan duration, ProcessCluster cluster, CancellationToken stop)
    {
        Console.WriteLine($"{load.Name}: {load.Description}");
        var processes = cluster.Nodes.Select(node => cluster.ProcessIdOf(node.Id)).ToArray();
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var name in (string[])[
            "s", "RSS 1 MB", "RSS 2 MB", "RSS 3 MB", "load done", "load refused", "load failed", "others done", "others refused",
            "others failed", "others' slowest ms"
        ])
        {
            table.AddColumn(new TableColumn(name).RightAligned().NoWrap());
        }

        var (own, others) = (new Tally(), new Tally());
        Row(table, 0, processes, own, others);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var running = load.RunAsync(cluster, own, others, ending.Token);
        var clock = Stopwatch.StartNew();
        var every = Math.Max(1, (int)(duration.TotalSeconds / 10));
        for (var second = 1; clock.Elapsed < duration; second++)
        {
            await Task.Delay(SampleEvery, stop);
            if (second % every == 0) Row(table, clock.Elapsed.TotalSeconds, processes, own, others);
        }

        await ending.CancelAsync();
        await running;
        Row(table, clock.Elapsed.TotalSeconds, processes, own, others);
        await Task.Delay(Afterwards, stop);
        Row(table, clock.Elapsed.TotalSeconds, processes, own, others);
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 160;
        AnsiConsole.Write(table);
        Console.WriteLine($"Peak RSS in MB: {string.Join(", ", processes.Select(static process => Megabytes(process, "VmHWM:")))}; the "
            + $"last row is {Afterwards.TotalSeconds:0} s after the load ended.");
    }

    private static void Row(Table table, double seconds, int[] processes, Tally own, Tally others) => table.AddRow(
    [
        Number(seconds), .. processes.Select(static process => Megabytes(process, "VmRSS:")),
        Number(own.Done), Number(own.Refused), Number(own.Failed),
        Number(others.Done), Number(others.Refused), Number(others.Failed), Number(others.TakeSlowestMs()),
    ]);

    private static string Megabytes(int process, string what)
    {
        foreach (var line in File.ReadLines($"/proc/{process}/status"))
            if (line.StartsWith(what, StringComparison.Ordinal))
                return Number(long.Parse(line[what.Length..^2].Trim(), CultureInfo.InvariantCulture) / 1024);
        return "?";
    }

    private static string Number(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}

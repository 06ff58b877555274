using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Gossipdb.Bench.Report;
using Gossipdb.Client;
using Gossipdb.LocalCluster;
using Spectre.Console;

namespace Gossipdb.Bench.Hostile;

/// <summary>
/// <c>hostile</c>: the memory, the file descriptors and the CPU of one node before, under and after each hostile input, and how an ordinary
/// client was served meanwhile.
/// </summary>
internal static class HostileCommand
{
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var inputs = new Argument<string[]>("input")
        {
            Description = $"Which: {string.Join(", ", HostileInput.All.Select(static input => input.Name))}; none: all",
            Arity = ArgumentArity.ZeroOrMore,
        };
        inputs.AcceptOnlyFromAmong([.. HostileInput.All.Select(static input => input.Name)]);
        var seconds = new Option<int>("--seconds")
        {
            Description = "How long each is held",
            HelpName = "N",
            DefaultValueFactory = static _ => 15,
        };
        var node = new Option<string?>("--node") { Description = "Another build's executable of the node", HelpName = "FILE" };
        var command = new Command("hostile", "Memory and file descriptors of a node under hostile input") { inputs, seconds, node };
        command.SetAction(async (parse, stop) =>
        {
            var machine = Machine.Now();
            var named = parse.GetValue(inputs) ?? [];
            var table = new Table { Border = TableBorder.Rounded };
            string[] columns =
                ["input", "MB before", "peak", "after", "files before", "peak", "after", "CPU s", "calls", "failed", "slowest ms"];
            foreach (var name in columns)
                table.AddColumn(new TableColumn(name).RightAligned().NoWrap());
            foreach (var input in HostileInput.All.Where(input => named.Length == 0 || named.Contains(input.Name)))
                await RunAsync(input, TimeSpan.FromSeconds(parse.GetValue(seconds)), parse.GetValue(node), table, stop);
            if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 160;
            AnsiConsole.Write(table);
            foreach (var input in HostileInput.All) Console.WriteLine($"{input.Name}: {input.Description}");
            Console.WriteLine($"Machine: {machine}.");
            return 0;
        });
        return command;
    }

    // A node of its own for each: what one left behind is not the next one's.
    private static async Task RunAsync(HostileInput input, TimeSpan held, string? executable, Table table, CancellationToken stop)
    {
        var data = Directory.CreateTempSubdirectory("gossipdb-bench-");
        try
        {
            await using var cluster = await ProcessCluster.StartReadyAsync(
                new LocalClusterOptions
                {
                    DataDirectory = Path.Combine(data.FullName, "data"),
                    Nodes = 1,
                    Command = [executable ?? Path.Combine(AppContext.BaseDirectory, "gossipdb")],

                    // All come from one address here.
                    Settings = executable is null ? ["gossipdb.limits.connections-per-address = 20000"] : [],
                },
                stop);
            await MeasureAsync(input, held, cluster, table, stop);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(
        HostileInput input, TimeSpan held, ProcessCluster cluster, Table table, CancellationToken stop)
    {
        await using var client = await GossipdbClient.ConnectAsync(
            new GossipdbOptions { Endpoints = [cluster.Nodes[0].Endpoint], Timeout = TimeSpan.FromSeconds(30) }, stop);
        for (var i = 0; i < 2_000; i++) await client.Counter($"warm {i % 100}").IncrementAsync(1, cancellation: stop);
        using var admin = new GossipdbAdmin(cluster.Nodes[0].Endpoint, TimeSpan.FromSeconds(30));
        var dataPort = (await admin.DescribeAsync(stop)).DataPort;
        var ports = new Ports(
            new Uri(cluster.Nodes[0].Endpoint).Port, cluster.Nodes[0].HttpPort, dataPort, cluster.Nodes[0].PeerPort);
        var process = cluster.ProcessIdOf(1);
        using var measured = Process.GetProcessById(process);
        var (before, filesBefore, cpuBefore) = (Megabytes(process), Files(process), measured.TotalProcessorTime);
        var (peak, filesPeak) = (before, filesBefore);
        var (calls, failed, slowest) = (0, 0, 0.0);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var ordinary = Task.Run(
            async () =>
            {
                while (!ending.IsCancellationRequested)
                {
                    var clock = Stopwatch.StartNew();
                    try
                    {
                        await client.Counter($"ordinary {calls % 100}").IncrementAsync(1, cancellation: stop);
                    }
                    catch (GossipdbException)
                    {
                        failed++;
                    }

                    calls++;
                    slowest = Math.Max(slowest, clock.Elapsed.TotalMilliseconds);
                    (peak, filesPeak) = (Math.Max(peak, Megabytes(process)), Math.Max(filesPeak, Files(process)));
                    await Task.Delay(10, stop);
                }
            },
            stop);
        await input.RunAsync(ports, () => Task.Delay(held, stop), stop);
        await Task.Delay(Afterwards, stop);
        await ending.CancelAsync();
        await ordinary;
        measured.Refresh();
        table.AddRow(
            input.Name, Number(before), Number(peak), Number(Megabytes(process)), Number(filesBefore), Number(filesPeak),
            Number(Files(process)), Number((measured.TotalProcessorTime - cpuBefore).TotalSeconds), Number(calls), Number(failed),
            Number(slowest));
    }

    private static double Megabytes(int process)
    {
        foreach (var line in File.ReadLines($"/proc/{process}/status"))
        {
            if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
                return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1_024;
        }

        return 0;
    }

    private static int Files(int process) => Directory.GetFileSystemEntries($"/proc/{process}/fd").Length;

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);
}

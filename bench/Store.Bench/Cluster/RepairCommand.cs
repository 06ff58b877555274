using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Gossipdb.Bench.Report;
using Gossipdb.Client;
using Spectre.Console;

namespace Gossipdb.Bench.Cluster;

/// <summary>
/// <c>repair</c>: what gossip costs while nothing changes, and how fast and with how many bytes a node that was cut off takes what
/// changed meanwhile. Three processes,
/// 64 partitions, default settings.
/// </summary>
internal static class RepairCommand
{
    private const double MostIdleBytes = 5 * 1024;
    private const double MostSeconds = 3;
    private const double MostBytesRatio = 1.5;
    private const int InFlight = 64;
    private static readonly Write Quorum = Write.Quorum with { Timeout = TimeSpan.FromSeconds(30) };

    public static Command Create()
    {
        var keys = new Option<int>("--keys")
        {
            Description = "Keys that change during the cut",
            HelpName = "N",
            DefaultValueFactory = static _ => 100_000,
        };
        var idle = new Option<int>("--idle")
        {
            Description = "Seconds of measured silence",
            HelpName = "N",
            DefaultValueFactory = static _ => 20,
        };
        var check = new Option<bool>("--check") { Description = "Exit with 1 where a bar is missed" };
        var command = new Command("repair", "Gossip while nothing changes, and repair after a cut, on three processes")
        {
            keys, idle, check
        };
        command.SetAction((parse, stop) =>
            RunAsync(parse.GetValue(keys), TimeSpan.FromSeconds(parse.GetValue(idle)), parse.GetValue(check), stop));
        return command;
    }

    private static async Task<int> RunAsync(int keys, TimeSpan silence, bool check, CancellationToken stop)
    {
        var machine = Machine.Now();
        await using var cluster = await BenchCluster.StartAsync(stop, faultInjection: true);
        Console.Error.WriteLine($"writing {keys:#,0} keys");
        await WriteAsync(cluster, keys, "before", stop);
        await UntilEqualAsync(cluster, stop);
        var idle = await MeasureSilenceAsync(cluster, silence, stop);

        await cluster.CutAsync([1], [2, 3], stop);
        await UntilAsync(async () => (await cluster.StatusAsync(1, stop)).Peers.All(static peer => !peer.Reachable), stop);
        Console.Error.WriteLine($"node 1 is cut off; changing {keys:#,0} keys on the other side");
        var logBefore = LogBytes(await cluster.StatusAsync(2, stop));
        await WriteAsync(cluster, keys, "meanwhile", stop);
        var changed = LogBytes(await cluster.StatusAsync(2, stop)) - logBefore;
        var goal = Sequences(await cluster.StatusAsync(2, stop));
        var receivedBefore = Received(await cluster.StatusAsync(1, stop));

        await cluster.CutAsync([], [], stop);
        var healed = Stopwatch.StartNew();
        TimeSpan? heard = null;
        TimeSpan done;
        while (true)
        {
            var status = await cluster.StatusAsync(1, stop);
            if (heard is null && status.Peers.Any(static peer => peer.Reachable)) heard = healed.Elapsed;
            done = healed.Elapsed;
            if (Sequences(status) >= goal) break;
        }

        var received = Received(await cluster.StatusAsync(1, stop)) - receivedBefore;
        await UntilEqualAsync(cluster, stop);
        return Print(machine, keys, silence, idle, changed, received, heard ?? TimeSpan.Zero, done) || !check ? 0 : 1;
    }

    // A third of a minute after the last change collection is done too.
    private static async Task<double> MeasureSilenceAsync(BenchCluster cluster, TimeSpan silence, CancellationToken stop)
    {
        await Task.Delay(TimeSpan.FromSeconds(20), stop);
        long Sum(NodeStatus status) => status.Peers.Sum(static peer => peer.BytesSent);
        var before = 0L;
        foreach (var node in cluster.Local.Nodes) before += Sum(await cluster.StatusAsync(node.Id, stop));
        var watch = Stopwatch.StartNew();
        await Task.Delay(silence, stop);
        var after = 0L;
        foreach (var node in cluster.Local.Nodes) after += Sum(await cluster.StatusAsync(node.Id, stop));
        var pairs = cluster.Local.Nodes.Count * (cluster.Local.Nodes.Count - 1) / 2;
        return (after - before) / watch.Elapsed.TotalSeconds / pairs;
    }

    private static async Task WriteAsync(BenchCluster cluster, int keys, string value, CancellationToken stop) =>
        await Parallel.ForEachAsync(
            Enumerable.Range(0, keys),
            new ParallelOptions { MaxDegreeOfParallelism = InFlight * 4, CancellationToken = stop },
            async (i, token) =>
            {
                var register = cluster.Client.Register(string.Create(CultureInfo.InvariantCulture, $"repair:{i}"));
                await register.SetAsync($"{value} {i}", Quorum, token);
            });

    private static long LogBytes(NodeStatus status) => status.Partitions.Sum(static partition => partition.LogBytes);

    private static long Received(NodeStatus status) => status.Peers.Sum(static peer => peer.BytesReceived);

    private static long Sequences(NodeStatus status) =>
        status.Partitions.Sum(static partition => partition.Applied.Sum(static entry => entry.Sequence));

    private static Task UntilEqualAsync(BenchCluster cluster, CancellationToken stop) => UntilAsync(
        async () =>
        {
            var digests = new HashSet<(int, string)>();
            foreach (var node in cluster.Local.Nodes)
                foreach (var partition in (await cluster.StatusAsync(node.Id, stop, digests: true)).Partitions)
                    digests.Add((partition.Partition, Convert.ToHexString(partition.Digest.Span)));
            return digests.Count == cluster.Local.Shape.Partitions;
        },
        stop);

    private static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken stop)
    {
        var deadline = Stopwatch.StartNew();
        while (!await condition())
        {
            if (deadline.Elapsed > TimeSpan.FromMinutes(2))
                throw new TimeoutException("the cluster did not come to rest within two minutes");
            await Task.Delay(50, stop);
        }
    }

    private static bool Print(
        Machine machine, int keys, TimeSpan silence, double idle, long changed, long received, TimeSpan heard, TimeSpan done)
    {
        var converge = (done - heard).TotalSeconds;
        var ratio = (double)received / changed;
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("measure");
        foreach (var column in (string[])["figure", "bar", "met"]) table.AddColumn(new TableColumn(column).RightAligned());
        table.AddRow(
            "gossip between two idle nodes, both directions", $"{Number(idle / 1024, "0.0")} KB/s", "≤ 5 KB/s", Met(idle <= MostIdleBytes));
        table.AddRow($"{keys:#,0} keys changed on one side, event bytes", $"{Number(changed / 1e6, "0.0")} MB", "", "");
        table.AddRow(
            "bytes the other side received for them",
            $"{Number(received / 1e6, "0.0")} MB, {Number(ratio, "0.00")} ×",
            "≤ 1.5 ×",
            Met(ratio <= MostBytesRatio));
        table.AddRow("from the command to heal until the first peer is heard", $"{Number(heard.TotalSeconds, "0.00")} s", "", "");
        table.AddRow("from then until it has applied everything", $"{Number(converge, "0.00")} s", "≤ 3 s", Met(converge <= MostSeconds));
        AnsiConsole.Write(table);
        Console.WriteLine($"Machine: {machine}.");
        Console.WriteLine(
            $"Method: three processes, 64 partitions, default settings; silence measured for {Number(silence.TotalSeconds, "0")} s, 20 s "
            + "after the last write; registers of about 16 bytes, W = quorum.");
        return idle <= MostIdleBytes && ratio <= MostBytesRatio && converge <= MostSeconds;
    }

    private static string Met(bool met) => met ? "yes" : "NO";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}

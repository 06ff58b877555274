using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Gossipdb.Bench.Report;
using Gossipdb.Client;
using Gossipdb.LocalCluster;
using Spectre.Console;

namespace Gossipdb.Bench.Restart;

/// <summary>
/// <c>snapshot</c>: keys of one node are overwritten again and again. How long the journal's files get, how much is written for it, and how
/// long the slowest read and write wait.
/// </summary>
internal static class SnapshotCommand
{
    private const double MostDisk = 3;
    private const int Writers = 64;
    private static readonly TimeSpan ReadEvery = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    public static Command Create()
    {
        var node = new LoadedNodeOptions();
        var writes = new Option<int>("--writes") { Description = "Overwrites", HelpName = "N", DefaultValueFactory = static _ => 300_000 };
        var command = new Command("snapshot", "What snapshots cost while keys are overwritten: disk, bytes written, waits") { writes };
        node.AddTo(command);
        command.SetAction((parse, stop) => node.RunAsync(parse, async (options, keys, bytes) =>
        {
            await RunAsync(options, keys, bytes, parse.GetValue(writes), stop);
            return 0;
        }));
        return command;
    }

    private static async Task RunAsync(LocalClusterOptions options, int keys, int bytes, int writes, CancellationToken stop)
    {
        var machine = Machine.Now();
        await using var loaded = await LoadedNode.StartAsync(options, keys, bytes, stop);
        await using var client = await loaded.ConnectAsync(stop);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var process = loaded.Local.ProcessIdOf(1);
        var written = BytesWrittenBy(process);
        var clock = Stopwatch.StartNew();
        var reading = ReadAsync(client, loaded, keys, ending.Token);
        var watching = WatchAsync(loaded, ending.Token);
        var waits = new ConcurrentBag<double>();
        await loaded.OverwriteAsync(client, Writers, writes, waits, stop);
        var seconds = clock.Elapsed.TotalSeconds;
        await ending.CancelAsync();
        var (reads, most) = (await reading, await watching);
        written = BytesWrittenBy(process) - written;

        var live = (double)keys * (bytes + LoadedNode.KeyBytes);
        var changed = (double)writes * (bytes + LoadedNode.KeyBytes);
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("measure");
        table.AddColumn(new TableColumn("figure").RightAligned());
        Row(table, "live data, keys and values", $"{live / 1e6:0.0} MB");
        Row(table, "written by clients", $"{changed / 1e6:0.0} MB in {seconds:0.0} s, {writes / seconds:#,0} writes/s");
        Row(table, "journal's files at their longest", $"{most / 1e6:0.0} MB, {most / live:0.00} × live (bar: {MostDisk:0})");
        Row(table, "journal's files at the end", $"{loaded.JournalBytes / 1e6:0.0} MB, {loaded.JournalBytes / live:0.00} × live");
        Row(table, "written to the disk by the node", $"{written / 1e6:0.0} MB, {written / changed:0.00} × what clients wrote");
        Row(table, $"{reads.Count:#,0} reads, one at a time: 99 % / 99.9 % / slowest", Waits(reads));
        Row(table, $"writes, {Writers} in flight: 99 % / 99.9 % / slowest", Waits([.. waits]));
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 160;
        AnsiConsole.Write(table);
        Console.WriteLine($"{keys:#,0} keys of {bytes} B on one node. Machine: {machine}.");
    }

    private static async Task<List<double>> ReadAsync(GossipdbClient client, LoadedNode loaded, int keys, CancellationToken stop)
    {
        var waits = new List<double>();
        while (!stop.IsCancellationRequested)
        {
            var begun = Stopwatch.GetTimestamp();
            await loaded.RegisterOf(client, Random.Shared.Next(keys)).GetBytesAsync(Read.One, CancellationToken.None);
            waits.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            await Task.Delay(ReadEvery, CancellationToken.None);
        }

        return waits;
    }

    private static async Task<long> WatchAsync(LoadedNode loaded, CancellationToken stop)
    {
        var most = 0L;
        while (!stop.IsCancellationRequested)
        {
            most = Math.Max(most, loaded.JournalBytes);
            await Task.Delay(LookEvery, CancellationToken.None);
        }

        return most;
    }

    private static long BytesWrittenBy(int process)
    {
        const string Line = "write_bytes: ";
        foreach (var line in File.ReadLines($"/proc/{process}/io"))
            if (line.StartsWith(Line, StringComparison.Ordinal)) return long.Parse(line[Line.Length..], CultureInfo.InvariantCulture);
        return 0;
    }

    private static string Waits(List<double> waits)
    {
        waits.Sort();
        double At(double share) => waits.Count == 0 ? double.NaN : waits[(int)Math.Min(waits.Count - 1, waits.Count * share)];
        return $"{At(0.99):0.0} / {At(0.999):0.0} / {At(1):0.0} ms";
    }

    private static void Row(Table table, string measure, string figure) => table.AddRow(Markup.Escape(measure), Markup.Escape(figure));
}

using System.CommandLine;
using System.Globalization;
using Gossipdb.Bench.Load;
using Gossipdb.Bench.Report;
using Gossipdb.Client;
using Spectre.Console;

namespace Gossipdb.Bench.Cluster;

/// <summary>
/// <c>objects</c>: what a write costs through the whole store, on three processes at quorum, against a small set and a large one. Cost
/// follows the change, so both should cost the same.
/// </summary>
internal static class ObjectsCommand
{
    private const double Bar = 1.5;
    private const int SmallMembers = 10;
    private const int FillBatch = 1_000;
    private const int FillInFlight = 8;
    private static readonly Write Quorum = Write.Quorum with { Timeout = TimeSpan.FromSeconds(30) };

    private sealed record Row(string What, int InFlight, double OperationsPerSecond, double P50Ms, double P99Ms, double CpuUs, long Errors);

    public static Command Create()
    {
        var members = new Option<int>("--members")
        {
            Description = "Members of the large set",
            HelpName = "N",
            DefaultValueFactory = static _ => 1_000_000,
        };
        var seconds = new Option<int>("--seconds")
        {
            Description = "How long each round of a row is measured",
            HelpName = "N",
            DefaultValueFactory = static _ => 3,
        };
        var rounds = new Option<int>("--rounds")
        {
            Description = "How often each row is measured, in turn with the others",
            HelpName = "N",
            DefaultValueFactory = static _ => 5,
        };
        var check = new Option<bool>("--check") { Description = "Exit with 1 where the bar is missed" };
        var command = new Command("objects", "Adds to a set of ten members and to one of a million, at quorum, on three processes")
        {
            members, seconds, rounds, check
        };
        command.SetAction((parse, stop) => RunAsync(
            parse.GetValue(members), TimeSpan.FromSeconds(parse.GetValue(seconds)), parse.GetValue(rounds), parse.GetValue(check), stop));
        return command;
    }

    private static async Task<int> RunAsync(int members, TimeSpan window, int rounds, bool check, CancellationToken stop)
    {
        var machine = Machine.Now();
        await using var cluster = await BenchCluster.StartAsync(stop);
        var small = cluster.Client.Set("objects:small");
        var large = cluster.Client.Set("objects:large");
        Console.Error.WriteLine($"filling a set with {members:#,0} members");
        await FillAsync(small, SmallMembers, stop);
        await FillAsync(large, members, stop);
        await cluster.SettleAsync(stop);

        var fresh = members;
        (string What, Func<Task> Operation)[] subjects =
        [
            ($"set of {SmallMembers}: a member it has", () => small.AddAsync(Member(Random.Shared.Next(SmallMembers)), Quorum, stop)),
            ($"set of {members:#,0}: a member it has", () => large.AddAsync(Member(Random.Shared.Next(members)), Quorum, stop)),
            ($"set of {members:#,0}: a new member", () => large.AddAsync(Member(Interlocked.Increment(ref fresh)), Quorum, stop)),
        ];

        // In turn, so that what else the machine does bends all of them; the first round warms up.
        var measured = new List<(int Subject, Row Row)>();
        using var cpu = new CpuMeter(cluster.ProcessIds);
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var inFlight in (int[])[1, 64])
            {
                for (var i = 0; i < subjects.Length; i++)
                {
                    var before = cpu.Used;
                    var operation = subjects[i].Operation;
                    var load = await ClosedLoop.RunAsync((_, _) => operation(), static _ => 0, inFlight, window, round, stop);
                    await cluster.SettleAsync(stop);
                    var used = (cpu.Used - before).TotalMicroseconds / Math.Max(1, load.Acknowledged);
                    if (round > 0)
                    {
                        var perSecond = load.InTime / window.TotalSeconds;
                        measured.Add((i, new(subjects[i].What, inFlight, perSecond, Ms(load, 50), Ms(load, 99), used, load.Errors)));
                    }
                }
            }
        }

        var rows = measured
            .GroupBy(static m => (m.Subject, m.Row.InFlight))
            .OrderBy(static g => (g.Key.InFlight, g.Key.Subject))
            .Select(Median)
            .ToList();
        return Print(rows, machine, window, rounds) || !check ? 0 : 1;
    }

    private static async Task FillAsync(SetHandle set, int members, CancellationToken stop)
    {
        var batches = Enumerable.Range(0, members).Chunk(FillBatch);
        await Parallel.ForEachAsync(
            batches,
            new ParallelOptions { MaxDegreeOfParallelism = FillInFlight, CancellationToken = stop },
            async (batch, token) =>
                await set.AddAsync(batch.Select(Member), Quorum, token));
    }

    private static string Member(int number) => number.ToString("member-000000000", CultureInfo.InvariantCulture);

    private static double Ms(LoadResult load, double percentile) => load.Latencies.GetValueAtPercentile(percentile) / 1_000.0;

    private static Row Median(IGrouping<(int Subject, int InFlight), (int Subject, Row Row)> group)
    {
        double Of(Func<Row, double> figure) => group.Select(m => figure(m.Row)).Order().ElementAt(group.Count() / 2);
        return new(
            group.First().Row.What,
            group.Key.InFlight,
            Of(static r => r.OperationsPerSecond),
            Of(static r => r.P50Ms),
            Of(static r => r.P99Ms),
            Of(static r => r.CpuUs),
            group.Sum(static m => m.Row.Errors));
    }

    private static bool Print(IReadOnlyList<Row> rows, Machine machine, TimeSpan window, int rounds)
    {
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 140;
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn(new TableColumn("add to").NoWrap());
        foreach (var number in (string[])[
            "in flight", "ops/s", "p50 ms", "p99 ms", "cpu µs/op", "errors", "cpu × small", "p50 × small", "bar"
        ])
        {
            table.AddColumn(new TableColumn(number).RightAligned().NoWrap());
        }

        var met = true;
        foreach (var row in rows)
        {
            var small = rows.First(r => r.InFlight == row.InFlight);
            var (cpu, p50) = (row.CpuUs / small.CpuUs, row.P50Ms / small.P50Ms);
            var holds = cpu <= Bar && p50 <= Bar;
            met &= holds;
            table.AddRow(
                row.What,
                Number(row.InFlight, "0"),
                Number(row.OperationsPerSecond, "#,0"),
                Number(row.P50Ms, "0.00"),
                Number(row.P99Ms, "0.00"),
                Number(row.CpuUs, "#,0"), Number(row.Errors, "0"), Number(cpu, "0.00"), Number(p50, "0.00"),
                ReferenceEquals(row, small) ? "–" : holds ? $"≤ {Number(Bar, "0.0")} met" : $"≤ {Number(Bar, "0.0")} NOT MET");
        }

        AnsiConsole.Write(table);
        Console.WriteLine($"Machine: {machine}.");
        Console.WriteLine(
            $"Method: medians of {rounds} rounds of {Number(window.TotalSeconds, "0")} s, the rows in turn; three processes, W = quorum, "
            + "durability Journal; cpu of all processes, the driver's included.");
        return met;
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}

using System.Globalization;
using Gossipdb.Bench.Report;
using Gossipdb.Testing;
using Spectre.Console;

namespace Gossipdb.Bench.Commit;

/// <summary>
/// Journaled throughput by how many events share a commit, with one record outstanding: on SQLite, and on a PostgreSQL server of the
/// benchmark's own where it is installed. CPU is of the node's side; what the server takes comes on top.
/// </summary>
internal static class GroupSizes
{
    // About what an increment of a counter is in the journal.
    private const int EventBytes = 100;
    private static readonly int[] Groups = [1, 4, 16, 64, 256, 1024];

    public static async Task RunAsync(int commits, int repetitions, CancellationToken stop)
    {
        var machine = Machine.Now();
        var directory = Directory.CreateTempSubdirectory("gossipdb-commit-").FullName;
        var server = PostgresServer.Find() is { } programs ? await PostgresServer.StartAsync(programs) : null;
        try
        {
            if (server is null) Console.WriteLine(PostgresServer.Missing);
            var table = new Table { Border = TableBorder.Rounded };
            table.AddColumns("provider");
            foreach (var column in (string[])["events a commit", "commits/s", "events/s", "CPU µs a commit", "CPU µs an event"])
                table.AddColumn(new TableColumn(column).RightAligned());
            var providers = new List<(string Name, string Settings)> { ("SQLite", string.Empty) };
            if (server is not null) providers.Add(("PostgreSQL", string.Join('\n', server.Settings)));
            await MeasureAsync(table, directory, providers, commits, repetitions, stop);
            AnsiConsole.Write(table);
            Console.WriteLine($"Events of {EventBytes} bytes, one record outstanding; the median of {repetitions} times {commits:#,0} "
                + $"commits. Machine: {machine}.");
        }
        finally
        {
            if (server is not null) await server.DisposeAsync();
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task MeasureAsync(
        Table table, string directory, List<(string Name, string Settings)> providers, int commits, int repetitions, CancellationToken stop)
    {
        var journals = new List<CommitJournal>();
        var costs = new List<CommitCost>[providers.Count, Groups.Length];
        try
        {
            for (var i = 0; i < providers.Count; i++)
                journals.Add(new CommitJournal(Path.Combine(directory, $"{i}"), providers[i].Settings));
            for (var repetition = -1; repetition < repetitions; repetition++)
            {
                for (var group = 0; group < Groups.Length; group++)
                {
                    for (var i = 0; i < journals.Count; i++)
                    {
                        var cost = await journals[i].MeasureAsync(Groups[group] * EventBytes, commits, stop);

                        // The first one warms the code up.
                        if (repetition >= 0) (costs[i, group] ??= []).Add(cost);
                    }
                }
            }
        }
        finally
        {
            foreach (var journal in journals) await journal.DisposeAsync();
        }

        for (var i = 0; i < providers.Count; i++)
            for (var group = 0; group < Groups.Length; group++) table.AddRow(Row(providers[i].Name, Groups[group], costs[i, group]));
    }

    private static string[] Row(string provider, int group, List<CommitCost> costs)
    {
        var cpu = Median(costs, static cost => cost.CpuMicroseconds);
        var perSecond = 1e6 / Median(costs, static cost => cost.Microseconds);
        return
        [
            provider, Number(group), Number(perSecond), Number(perSecond * group), Number(cpu),
            (cpu / group).ToString("0.0", CultureInfo.InvariantCulture),
        ];
    }

    private static double Median(List<CommitCost> costs, Func<CommitCost, double> part) =>
        Spread.Of(costs.Select(part)).Median;

    private static string Number(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}

using System.CommandLine;
using System.Globalization;
using Gossipdb.Bench.Report;
using Spectre.Console;

namespace Gossipdb.Bench.Commit;

/// <summary>
/// <c>commit</c>: what one commit of the journal costs, with one record outstanding, by the class that writes it; or with
/// <c>--groups</c> by how many events share it (<see cref="GroupSizes"/>). What is compared takes turns, so that what else the machine does
/// meets all of it.
/// </summary>
internal static class CommitCommand
{
    private const string Package = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql";
    private const string PackageDispatcher = "akka.persistence.dispatchers.default-plugin-dispatcher";

    private sealed record Variant(string Name, string Configuration);

    private static readonly Variant[] Variants =
    [
        new("Akka.Persistence.Sql as it comes",
            $"akka.persistence.journal.sql {{ class = \"{Package}\", plugin-dispatcher = \"{PackageDispatcher}\" }}"),
        new("the same on the default dispatcher", $"akka.persistence.journal.sql.class = \"{Package}\""),
        new("FastJournal", string.Empty),
    ];

    private static readonly int[] Sizes = [1024, 64 * 1024];

    public static Command Create()
    {
        var commits = new Option<int>("--commits")
        {
            Description = "How many each figure is of",
            HelpName = "N",
            DefaultValueFactory = static _ => 1_000,
        };
        var repetitions = new Option<int>("--repetitions")
        {
            Description = "How often, the classes in turn",
            HelpName = "N",
            DefaultValueFactory = static _ => 7,
        };
        var groups = new Option<bool>("--groups")
        {
            Description = "By how many events share a commit, on SQLite, and on PostgreSQL where it is installed",
        };
        var checksums = new Option<bool>("--checksums") { Description = "What the checksums of records cost" };
        var command = new Command("commit", "One commit of the journal, by the class that writes it: CPU, time and allocations")
        {
            commits, repetitions, groups, checksums,
        };
        command.SetAction(async (parse, stop) =>
        {
            if (parse.GetValue(checksums)) Checksums.Run(parse.GetValue(repetitions), stop);
            else if (parse.GetValue(groups)) await GroupSizes.RunAsync(parse.GetValue(commits), parse.GetValue(repetitions), stop);
            else await RunAsync(parse.GetValue(commits), parse.GetValue(repetitions), stop);
            return 0;
        });
        return command;
    }

    private static async Task RunAsync(int commits, int repetitions, CancellationToken stop)
    {
        var machine = Machine.Now();
        var directory = Directory.CreateTempSubdirectory("gossipdb-commit-").FullName;
        try
        {
            var table = new Table { Border = TableBorder.Rounded };
            table.AddColumns("record", "class");
            foreach (var column in (string[])["CPU µs", "of", "µs", "of", "bytes allocated"])
                table.AddColumn(new TableColumn(column).RightAligned());
            foreach (var size in Sizes) await MeasureAsync(table, directory, size, commits, repetitions, stop);
            AnsiConsole.Write(table);
            Console.WriteLine($"One record outstanding; the median of {repetitions} times {commits:#,0} commits. Machine: {machine}.");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task MeasureAsync(
        Table table, string directory, int size, int commits, int repetitions, CancellationToken stop)
    {
        var costs = Array.ConvertAll(Variants, static _ => new List<CommitCost>());
        var journals = new List<CommitJournal>();
        try
        {
            for (var i = 0; i < Variants.Length; i++)
                journals.Add(new CommitJournal(Path.Combine(directory, $"{size}-{i}"), Variants[i].Configuration));
            for (var repetition = -1; repetition < repetitions; repetition++)
            {
                for (var i = 0; i < journals.Count; i++)
                {
                    var cost = await journals[i].MeasureAsync(size, commits, stop);

                    // The first one warms the code up.
                    if (repetition >= 0) costs[i].Add(cost);
                }
            }
        }
        finally
        {
            foreach (var journal in journals) await journal.DisposeAsync();
        }

        for (var i = 0; i < Variants.Length; i++)
        {
            var (cpu, time) = (Of(costs[i], static cost => cost.CpuMicroseconds), Of(costs[i], static cost => cost.Microseconds));
            table.AddRow(
                $"{size / 1024} KB", Variants[i].Name, Number(cpu.Median), Range(cpu), Number(time.Median), Range(time),
                costs[i].Average(static cost => cost.Bytes).ToString("#,0", CultureInfo.InvariantCulture));
        }
    }

    private static Spread Of(List<CommitCost> costs, Func<CommitCost, double> part) => Spread.Of(costs.Select(part));

    private static string Range(Spread of) => $"{Number(of.Least)}–{Number(of.Most)}";

    private static string Number(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}

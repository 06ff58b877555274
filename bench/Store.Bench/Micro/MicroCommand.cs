using System.CommandLine;
using System.Globalization;
using Gossipdb.Bench.Report;
using Spectre.Console;

namespace Gossipdb.Bench.Micro;

/// <summary><c>micro</c>: the data types alone, without a cluster, held to their bars and beside their peers.</summary>
internal static class MicroCommand
{
    private const int WidthWithoutTerminal = 150;

    private static readonly IMeasured[] Sources =
    [
        new SetBenchmarks(),
        new CounterBenchmarks(),
        new TextBenchmarks(),
        new PartitionBenchmarks(),
        new HotKeyBenchmarks(),
    ];

    public static Command Create()
    {
        var filter = new Option<string?>("--filter") { Description = "Measure only the types whose name contains this", HelpName = "name" };
        var check = new Option<bool>("--check") { Description = "Exit with 1 where a bar is missed" };
        var command = new Command("micro", "The data types alone: cost of operations, joins and memory, beside Akka.DistributedData's")
        {
            filter, check
        };
        command.SetAction((parse, stop) => Task.FromResult(Run(parse.GetValue(filter), parse.GetValue(check), stop)));
        return command;
    }

    private static int Run(string? filter, bool check, CancellationToken stop)
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn(new TableColumn("measure").NoWrap());
        foreach (var column in (string[])["figure", "bar", "met", "peer", "peer's figure", "× ours"])
            table.AddColumn(new TableColumn(column).RightAligned().NoWrap());
        var missed = 0;
        foreach (var source in Sources.Where(source => filter is null || source.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)))
        {
            Console.Error.WriteLine($"measuring {source.Name}");
            foreach (var row in source.Rows())
            {
                stop.ThrowIfCancellationRequested();
                if (row.Met == false) missed++;
                AddTo(table, row);
            }
        }

        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = WidthWithoutTerminal;
        AnsiConsole.Write(table);
        Console.WriteLine($"Machine: {Machine.Now()}.");
        return check && missed > 0 ? 1 : 0;
    }

    private static void AddTo(Table table, MeasuredRow row) => table.AddRow(
        row.Measure,
        $"{Number(row.Figure)} {row.Unit}",
        string.Join(", ", ((string?[])[
            row.AtMost is { } most ? $"≤ {Number(most)} {row.Unit}" : null,
            row.TimesPeer is { } times ? $"≥ {Number(times)} ×" : null,
        ]).Where(static bar => bar is not null)),
        row.Met switch { true => "yes", false => "NO", null => "–" },
        row.Peer?.Name ?? "–",
        row.Peer is { Figure: var figure } ? $"{Number(figure)} {row.Unit}" : "–",
        row.Ratio is { } ratio ? Number(ratio) : "–");

    private static string Number(double value) =>
        value.ToString(value < 10 ? "0.00" : value < 100 ? "0.0" : "#,0", CultureInfo.InvariantCulture);
}

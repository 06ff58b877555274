using System.CommandLine;
using System.Globalization;
using Gossipdb.Client;
using Gossipdb.Node.Cli.Load;
using Spectre.Console;

namespace Gossipdb.Node.Cli.Commands;

/// <summary><c>load</c>: a CSV file, row by row, as set additions and counter increments.</summary>
internal static class LoadCommand
{
    private static readonly TimeSpan BarInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(2);

    public static Command Create(CommonOptions options, Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A file of rows, without a header" };
        var sets = Many("--set", "KEY=ELEMENT", "Add an element to a set for every row: 'from:{2}={4}'; {n} is a column, counted from zero", RowOperation.ParseSet);
        var counters = Many("--counter", "KEY[+=N]", "Add to a counter for every row: 'airline:{0}' adds one, 'sold:{1}+={3}' a column", RowOperation.ParseCounter);
        var parallel = Parsers.Option("--parallel", "Writes under way at once", "N", Parsers.Integer(1, 16_384), static () => 1_024);
        var limit = Parsers.Option<long?>("--limit", "Rows to load at most", "N", static text => Parsers.Integer(1, int.MaxValue)(text));
        var offset = Parsers.Option<long>("--offset", "Rows to leave out at the beginning", "N", static text => Parsers.Integer(0, int.MaxValue)(text), static () => 0);
        var delimiter = Parsers.Option("--delimiter", "What separates columns: one character, or \\t for a tab", "C", Delimiter, static () => ',');
        var nullText = new Option<string>("--null") { Description = "What stands for no value; such writes are left out", DefaultValueFactory = static _ => @"\N" };
        var command = new Command("load", "Load a CSV file: for every row, set additions and counter increments")
        {
            file, sets, counters, parallel, limit, offset, delimiter, nullText, options.W, options.Durability,
        };
        foreach (var option in options.Connection) command.Add(option);
        command.SetAction((parse, stop) =>
        {
            var plan = new LoadPlan
            {
                Operations = [.. parse.GetValue(sets) ?? [], .. parse.GetValue(counters) ?? []],
                Parallel = parse.GetValue(parallel),
                Limit = parse.GetValue(limit) ?? long.MaxValue,
                Offset = parse.GetValue(offset),
                Delimiter = parse.GetValue(delimiter),
                NullText = parse.GetRequiredValue(nullText),
            };
            if (plan.Operations.Count == 0) throw CliException.Usage("load: say what to write for a row, with --set 'KEY=ELEMENT' or --counter 'KEY'");
            return RunAsync(terminal, options, parse, plan, parse.GetRequiredValue(file), stop);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal, CommonOptions options, ParseResult parse, LoadPlan plan, string file, CancellationToken stop)
    {
        if (!File.Exists(file)) throw CliException.Usage($"load: there is no file '{file}'");
        var json = parse.GetValue(options.Json);
        var clientOptions = options.ClientOptions(parse);
        clientOptions.MaxInFlight = Math.Max(clientOptions.MaxInFlight, plan.Parallel);
        var client = await GossipdbClient.ConnectAsync(clientOptions, stop);
        await using (client)
        {
            using var reader = new StreamReader(file);
            var loader = new CsvLoader(plan, client, options.WriteConsistency(parse));
            var loading = loader.RunAsync(reader, stop);
            if (!json) await ShowAsync(terminal, loader, loading, RowsIn(file, plan));
            var report = await loading;
            if (json)
            {
                if (report.Problem() is not { } failed) terminal.Json(report.ToJson());
                else
                {
                    var document = new Failure(report.Exit, "load", failed).ToJson();
                    document["load"] = report.ToJson();
                    terminal.Json(document);
                }

                return (int)report.Exit;
            }

            foreach (var line in report.Lines()) terminal.Line(line);
            return report.Problem() is { } problem ? terminal.Report(new Failure(report.Exit, "load", problem), json) : (int)ExitCode.Ok;
        }
    }

    private static Task ShowAsync(Terminal terminal, CsvLoader loader, Task loading, long rows) => terminal.Interactive
        ? terminal.Console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async bars =>
            {
                var bar = bars.AddTask("loading", maxValue: Math.Max(1, rows));
                while (!await EndsWithinAsync(loading, BarInterval))
                {
                    bar.Value = loader.Report.Rows;
                    bar.Description = string.Create(CultureInfo.InvariantCulture, $"{loader.Report.Rows:N0} rows, {loader.Report.RowsPerSecond:N0}/s");
                }

                bar.Value = loader.Report.Rows;
            })
        : ShowLinesAsync(terminal, loader, loading, rows);

    private static async Task ShowLinesAsync(Terminal terminal, CsvLoader loader, Task loading, long rows)
    {
        while (!await EndsWithinAsync(loading, LineInterval))
        {
            var report = loader.Report;
            terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{report.Rows:N0} of {rows:N0} rows, {report.RowsPerSecond:N0} rows/s"));
        }
    }

    private static async Task<bool> EndsWithinAsync(Task task, TimeSpan interval) =>
        await Task.WhenAny(task, Task.Delay(interval)) == task;

    // Lines, which are rows unless a quoted column holds a line break: near enough for a progress bar.
    private static long RowsIn(string file, LoadPlan plan) =>
        Math.Clamp(File.ReadLines(file).LongCount() - plan.Offset, 0, plan.Limit);

    private static char Delimiter(string text) => text switch
    {
        @"\t" => '\t',
        [var one] when char.IsAscii(one) => one,
        _ => throw new FormatException($"'{text}' is not one ASCII character"),
    };

    private static Option<RowOperation[]> Many(string name, string helpName, string description, Func<string, RowOperation> parse) => new(name)
    {
        Description = description,
        HelpName = helpName,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = result =>
        {
            try
            {
                return [.. result.Tokens.Select(token => parse(token.Value))];
            }
            catch (FormatException problem)
            {
                result.AddError($"{name}: {problem.Message}");
                return [];
            }
        },
    };
}

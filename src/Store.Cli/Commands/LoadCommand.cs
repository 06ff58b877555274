using System.CommandLine;
using System.Globalization;
using Gossipdb.Cli.Load;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.Client;
using Spectre.Console;

namespace Gossipdb.Cli.Commands;

/// <summary><c>load</c>: a CSV file, row by row, as set additions and counter increments.</summary>
internal static class LoadCommand
{
    private static readonly TimeSpan BarInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(2);

    public static Command Create(CommonOptions options, Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A file of rows, without a header" };
        var sets = Parsers.Repeated(
            "--set",
            "Add an element to a set for every row: 'from:{2}={4}'; {n} is a column, counted from zero, "
                + "and with --header {name} one by its name",
            "KEY=ELEMENT",
            RowOperation.ParseSet);
        var counters = Parsers.Repeated(
            "--counter",
            "Add to a counter for every row: 'airline:{0}' adds one, 'sold:{1}+={3}' a column",
            "KEY[+=N]",
            RowOperation.ParseCounter);
        var parallel = Parsers.Option("--parallel", "Writes under way at once", "N", Parsers.Integer(1, 16_384), static () => 1_024);
        var limit = Parsers.Option<long?>("--limit", "Rows to load at most", "N", static text => Parsers.Integer(1, int.MaxValue)(text));
        var offset = Parsers.Option<long>(
            "--offset", "Rows to leave out at the beginning", "N", static text => Parsers.Integer(0, int.MaxValue)(text), static () => 0);
        var delimiter = Parsers.Option(
            "--delimiter", "What separates columns: one character, or \\t for a tab", "C", Delimiter, static () => ',');
        var header = new Option<bool>("--header") { Description = "The first row names the columns, and is not loaded" };
        var encoding = Parsers.Option("--encoding", "Which text the file's bytes are, strictly: utf-8, utf-16, latin1, windows-1252, "
            + "shift_jis, … (default: utf-8, or what a byte order mark says)",
            "NAME", TextEncoding.Parse, static () => TextEncoding.Utf8);
        var maxErrors = Parsers.Option(
            "--max-errors", "Failed rows after which no further row is read", "N", Parsers.Integer(1, int.MaxValue), static () => 1_000);
        var nullText = new Option<string>("--null")
        {
            Description = "What stands for no value; such writes are left out",
            DefaultValueFactory = static _ => @"\N",
        };
        var command = new Command("load", "Load a CSV file: for every row, set additions and counter increments")
        {
            file, sets, counters, header, encoding, delimiter, nullText, offset, limit, maxErrors, parallel, options.W, options.Durability,
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
                MaxErrors = parse.GetValue(maxErrors),
                HasHeader = parse.GetValue(header),
                Encoding = parse.GetRequiredValue(encoding),
                Delimiter = parse.GetValue(delimiter),
                NullText = parse.GetRequiredValue(nullText),
            };
            if (plan.Operations.Count == 0)
                throw CliException.Usage("load: say what to write for a row, with --set 'KEY=ELEMENT' or --counter 'KEY'");
            if (!plan.HasHeader) _ = CsvLoader.Bind(plan.Operations, header: null);
            return RunAsync(terminal, options, parse, plan, parse.GetRequiredValue(file), stop);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal, CommonOptions options, ParseResult parse, LoadPlan plan, string file, CancellationToken stop)
    {
        using var input = LoadInput.Open(file, terminal.Input);
        var clientOptions = options.ClientOptions(parse);
        clientOptions.MaxInFlight = Math.Max(clientOptions.MaxInFlight, plan.Parallel);
        var client = await GossipdbClient.ConnectAsync(clientOptions, stop);
        await using (client)
        {
            using var rows = await input.RowsAsync(plan, stop);
            var loader = new CsvLoader(plan, client, options.WriteConsistency(parse));
            var loading = loader.RunAsync(rows, stop);
            if (!parse.GetValue(options.Json)) await ShowAsync(terminal, loader, loading, () => Progress(input, loader.Report, plan));
            return Tell(terminal, await loading, parse.GetValue(options.Json));
        }
    }

    private static int Tell(Terminal terminal, LoadReport report, bool json)
    {
        var failure = report.Problem() is { } problem ? new Failure(report.Exit, "load", problem) { Detail = report.Details() } : null;
        if (json)
        {
            var document = failure?.ToJson();
            if (document is not null) document["load"] = report.ToJson();
            terminal.Json(document ?? report.ToJson());
            return (int)report.Exit;
        }

        foreach (var line in report.Lines()) terminal.Line(line);
        return failure is null ? (int)ExitCode.Ok : terminal.Report(failure, json);
    }

    // Of the file or of the rows asked for, whichever ends first; null where neither end is known.
    private static double? Progress(LoadInput input, LoadReport report, LoadPlan plan)
    {
        double? ofRows = plan.Limit == long.MaxValue ? null : (double)report.Rows / plan.Limit;
        return input.Progress is { } ofFile ? Math.Max(ofFile, ofRows ?? 0) : ofRows;
    }

    private static Task ShowAsync(Terminal terminal, CsvLoader loader, Task loading, Func<double?> progress) => terminal.Interactive
        ? terminal.Console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async bars =>
            {
                var bar = bars.AddTask("loading", maxValue: 1);
                while (!await EndsWithinAsync(loading, BarInterval))
                {
                    bar.IsIndeterminate = progress() is null;
                    bar.Value = progress() ?? 0;
                    bar.Description = string.Create(
                        CultureInfo.InvariantCulture, $"{loader.Report.Rows:N0} rows, {loader.Report.RowsPerSecond:N0}/s");
                }

                bar.IsIndeterminate = false;
                bar.Value = progress() ?? 1;
            })
        : ShowLinesAsync(terminal, loader, loading, progress);

    private static async Task ShowLinesAsync(Terminal terminal, CsvLoader loader, Task loading, Func<double?> progress)
    {
        while (!await EndsWithinAsync(loading, LineInterval))
        {
            var (report, done) =
                (loader.Report, progress() is { } part ? string.Create(CultureInfo.InvariantCulture, $" ({part:P0})") : "");
            terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{report.Rows:N0} rows{done}, {report.RowsPerSecond:N0} rows/s"));
        }
    }

    private static async Task<bool> EndsWithinAsync(Task task, TimeSpan interval) =>
        await Task.WhenAny(task, Task.Delay(interval)) == task;

    private static char Delimiter(string text) => text switch
    {
        @"\t" => '\t',
        [var one] when char.IsAscii(one) && one is not ('"' or '\r' or '\n') => one,
        _ => throw new FormatException($"'{text}' is not one ASCII character other than a quote and a line break; \\t is a tab"),
    };
}

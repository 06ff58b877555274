using System.Collections.Concurrent;
using Gossipdb.Cli.Load;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Tests;

public sealed class CsvLoaderTests
{
    private static readonly LoadPlan Plan = new()
    {
        Operations = [RowOperation.ParseSet("from:{1}={2}"), RowOperation.ParseCounter("airline:{0}")],
        Parallel = 8,
    };

    private readonly ConcurrentQueue<RowWrite> _written = new();

    [Fact]
    public async Task Every_row_makes_every_write()
    {
        var report = await LoadAsync(Plan, "FR,STN,DUB\n\"A \"\"B\"\"\",\"x,y\",LHR\n");

        Assert.Equal(
            [new("airline:A \"B\"", null, 1), new("airline:FR", null, 1), new("from:STN", "DUB", 1), new RowWrite("from:x,y", "LHR", 1)],
            _written.OrderBy(static write => write.Key, StringComparer.Ordinal));
        Assert.Equal((2, 0, 4), (report.RowsDone, report.RowsFailed, report.Writes));
        Assert.Null(report.Problem());
        Assert.Equal(ExitCode.Ok, report.Exit);
    }

    [Fact]
    public async Task A_null_column_leaves_out_what_needs_it()
    {
        var report = await LoadAsync(Plan, "FR,STN,\\N\n");

        Assert.Equal([new RowWrite("airline:FR", null, 1)], _written);
        Assert.Equal((1, 1, 0), (report.RowsDone, report.SkippedNull, report.RowsFailed));
    }

    [Fact]
    public async Task A_row_that_does_not_fit_is_told_with_its_line()
    {
        var report = await LoadAsync(Plan, "FR,STN,DUB\nFR,STN\n");

        Assert.Equal((1, 1, 1), (report.RowsDone, report.RowsFailed, report.Malformed));
        Assert.Equal("  line 2, column {2}: there is none: the row has 2 columns", report.Details());
        Assert.Equal(ExitCode.Error, report.Exit);
    }

    [Fact]
    public async Task Offset_and_limit_choose_rows()
    {
        var rows = string.Concat(Enumerable.Range(0, 10).Select(static row => $"a{row},b,c\n"));

        var report = await LoadAsync(Plan with { Offset = 3, Limit = 4, Operations = [RowOperation.ParseCounter("{0}")] }, rows);

        Assert.Equal(["a3", "a4", "a5", "a6"], _written.Select(static write => write.Key).Order(StringComparer.Ordinal));
        Assert.Equal(4, report.Rows);
    }

    [Fact]
    public async Task Another_delimiter_separates()
    {
        await LoadAsync(Plan with { Delimiter = '\t', Operations = [RowOperation.ParseCounter("{1}")] }, "a,b\tc\n");

        Assert.Equal("c", Assert.Single(_written).Key);
    }

    [Fact]
    public async Task A_write_refused_without_effect_is_made_again()
    {
        var refusals = 3;
        var report = await LoadAsync(Plan, "FR,STN,DUB\n", _ =>
            Interlocked.Decrement(ref refusals) >= 0 ? new UnavailableException("too few") : null);

        Assert.Equal(2, _written.Count);
        Assert.Equal((1, 0, 3), (report.RowsDone, report.RowsFailed, report.Retries));
    }

    [Fact]
    public async Task A_write_that_may_have_taken_effect_is_made_again_only_where_twice_is_as_good_as_once()
    {
        var indeterminate = new ConcurrentDictionary<string, int>();
        var report = await LoadAsync(Plan, "FR,STN,DUB\n", write =>
            indeterminate.AddOrUpdate(write.Key, 1, static (_, times) => times + 1) == 1 ? new IndeterminateException("lost") : null);

        Assert.Equal([new RowWrite("from:STN", "DUB", 1)], _written);
        Assert.Equal((2, 1), (indeterminate["from:STN"], indeterminate["airline:FR"]));
        Assert.Equal((0, 1, 1, 1), (report.RowsDone, report.RowsFailed, report.Indeterminate, report.Retries));
        Assert.Equal(ExitCode.Indeterminate, report.Exit);
    }

    [Fact]
    public async Task Retrying_ends()
    {
        var report = await LoadAsync(
            Plan with { RetryFor = TimeSpan.Zero }, "FR,STN,DUB\n", static _ => new UnavailableException("too few replicas"));

        Assert.Equal((0, 1, 2), (report.RowsDone, report.RowsFailed, report.Refused));
        Assert.Equal("  line 1: too few replicas", report.Details());
    }

    [Fact]
    public async Task Loading_stops_after_so_many_failed_rows_and_says_so()
    {
        var rows = string.Concat(Enumerable.Repeat("FR,STN,DUB\n", 1_000));

        var report = await LoadAsync(Plan with { MaxErrors = 10, Parallel = 1 }, rows, static _ => new WrongTypeException("a set"));

        Assert.InRange(report.Rows, 10, 12);
        Assert.Equal((ExitCode.Error, report.Rows), (report.Exit, report.RowsFailed));
        Assert.Equal(
            $"stopped after {report.Rows} rows: --max-errors allows no more than 10 to fail, and the rest, from line {report.Rows + 1} "
            + "on, was not loaded; "
            + $"{report.Rows} of {report.Rows} rows failed ({report.Refused} writes refused, 0 indeterminate, 0 malformed)",
            report.Problem());
        Assert.Equal(report.Stopped, (string?)report.ToJson()["stopped"]);
    }

    [Fact]
    public async Task A_load_whose_last_rows_fail_was_not_stopped()
    {
        var report = await LoadAsync(Plan with { MaxErrors = 2 }, "FR\nFR\n");

        Assert.Equal((2, null, ExitCode.Error), (report.RowsFailed, report.Stopped, report.Exit));
    }

    [Fact]
    public async Task The_first_bad_rows_are_told_in_order_whenever_their_writes_end()
    {
        var rows = string.Concat(Enumerable.Range(1, 30).Select(static row => $"{row},a\n"));
        using var text = new StringReader(rows);
        var all = Enumerable.Range(0, 30).Select(static _ => new TaskCompletionSource()).ToArray();
        var started = 0;
        var loading = new CsvLoader(Plan with { Parallel = 30, Operations = [RowOperation.ParseSet("{0}={1}")] }, (write, _) =>
        {
            if (Interlocked.Increment(ref started) == all.Length)
                for (var i = all.Length - 1; i >= 0; i--) all[i].SetException(new WrongTypeException($"of {i + 1}"));
            return all[int.Parse(write.Key) - 1].Task;
        }).RunAsync(text);

        var report = await loading;

        Assert.Equal(
            Enumerable.Range(1, 10).Select(static row => $"line {row}: of {row}"),
            report.Problems.Select(static problem => problem.ToString()));
        Assert.EndsWith("\n  … and 20 more", report.Details(), StringComparison.Ordinal);
        var first = report.ToJson()["problems"]!.AsArray()[0]!;
        Assert.Equal("""{"line":1,"column":null,"message":"of 1"}""", first.ToJsonString());
    }

    [Fact]
    public async Task Only_so_many_writes_are_under_way_at_once()
    {
        var (now, most) = (0, 0);
        var rows = string.Concat(Enumerable.Repeat("FR,STN,DUB\n", 100));
        using var file = new StringReader(rows);

        await new CsvLoader(Plan, async (_, _) =>
        {
            var underWay = Interlocked.Increment(ref now);
            lock (_written) most = Math.Max(most, underWay);
            await Task.Delay(1);
            Interlocked.Decrement(ref now);
        }).RunAsync(file);

        Assert.InRange(most, 2, Plan.Parallel);
    }

    [Fact]
    public async Task What_is_no_refusal_ends_the_load()
    {
        using var file = new StringReader("FR,STN,DUB\n");
        var loader = new CsvLoader(Plan, static (_, _) => Task.FromException(new InvalidOperationException("broken")));

        await Assert.ThrowsAsync<InvalidOperationException>(() => loader.RunAsync(file));
    }

    private async Task<LoadReport> LoadAsync(LoadPlan plan, string rows, Func<RowWrite, GossipdbException?>? refuse = null)
    {
        using var file = new StringReader(rows);
        var loader = new CsvLoader(plan, async (write, _) =>
        {
            await Task.Yield();
            if (refuse?.Invoke(write) is { } refusal) throw refusal;
            _written.Enqueue(write);
        });
        return await loader.RunAsync(file);
    }
}

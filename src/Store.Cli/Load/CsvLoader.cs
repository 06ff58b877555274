using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using CsvHelper;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Load;

/// <summary>
/// Loads rows into a cluster: for every row each operation's write, a bounded number of them under way at once. A write that was
/// refused without effect is made again for a while; one that may have taken effect is made again only where twice is as good as once.
/// </summary>
internal sealed class CsvLoader(LoadPlan plan, Func<RowWrite, CancellationToken, Task> write)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly LoadTally _tally = new();
    private Exception? _broken;

    /// <summary>Loads through a client.</summary>
    public CsvLoader(LoadPlan plan, GossipdbClient client, Write consistency)
        : this(plan, (row, stop) => row.Element is { } element
            ? client.Set(row.Key).AddAsync(element, consistency, stop)
            : client.Counter(row.Key).IncrementAsync(row.Amount, consistency, stop))
    {
    }

    /// <summary>How far it is.</summary>
    public LoadReport Report => _tally.Report;

    /// <summary>Loads the rows of a text; see <see cref="RunAsync(CsvRows, CancellationToken)"/>.</summary>
    public async Task<LoadReport> RunAsync(TextReader text, CancellationToken stop = default)
    {
        using var rows = new CsvRows(text, plan);
        return await RunAsync(rows, stop);
    }

    /// <summary>
    /// Loads everything, and says how it went. Failed rows, and an input that cannot be read to its end, are part of the report; only
    /// what makes loading impossible
    /// is thrown.
    /// </summary>
    public async Task<LoadReport> RunAsync(CsvRows rows, CancellationToken stop = default)
    {
        if (plan.HasHeader) await rows.ReadHeaderAsync(stop);
        var operations = Bind(plan.Operations, rows.Header);
        using var slots = new SemaphoreSlim(plan.Parallel, plan.Parallel);
        _tally.Start();
        try
        {
            await ReadRowsAsync(rows, operations, slots, stop);
        }
        finally
        {
            for (var i = 0; i < plan.Parallel; i++) await slots.WaitAsync(CancellationToken.None);
            _tally.Stop();
        }

        if (_broken is not null) ExceptionDispatchInfo.Throw(_broken);
        return _tally.Report;
    }

    /// <summary>The operations with every column by its place.</summary>
    /// <exception cref="CliException">There is no such column.</exception>
    public static RowOperation[] Bind(IReadOnlyList<RowOperation> operations, string[]? header)
    {
        try
        {
            return [.. operations.Select(operation => operation.Bind(header))];
        }
        catch (FormatException problem)
        {
            throw CliException.Usage($"load: {problem.Message}");
        }
    }

    private async Task ReadRowsAsync(CsvRows rows, RowOperation[] operations, SemaphoreSlim slots, CancellationToken stop)
    {
        try
        {
            for (long row = 0; _tally.Rows < plan.Limit && _broken is null; row++)
            {
                if (!await rows.ReadAsync(stop)) break;
                if (_tally.RowsFailed >= plan.MaxErrors)
                {
                    _tally.StopReading(string.Create(
                        CultureInfo.InvariantCulture, $"--max-errors allows no more than {plan.MaxErrors:N0} to fail, and the rest, from "
                            + $"line {rows.Line:N0} on, was not loaded"));
                    break;
                }

                if (row >= plan.Offset) await StartRowAsync(rows, operations, slots, stop);
            }
        }
        catch (Exception problem) when (problem is CsvFormatException or IOException or UnauthorizedAccessException)
        {
            _tally.StopReading($"the file could not be read on: {problem.Message}");
        }
    }

    private async Task StartRowAsync(CsvRows rows, RowOperation[] operations, SemaphoreSlim slots, CancellationToken stop)
    {
        var row = _tally.NewRow(rows.Line);
        if (!rows.TryGet(out var columns, out var bad))
        {
            _tally.Malformed(row, bad!);
            _tally.End(row);
            return;
        }

        foreach (var operation in operations)
        {
            switch (operation.Render(columns, plan.NullText, out var one, out var problem))
            {
                case Rendering.Malformed:
                    _tally.Malformed(
                        row, new RowProblem(row.Line, problem.Column is { } column ? rows.NameOf(column) : null, problem.Message));
                    break;
                case Rendering.Null:
                    _tally.SkipNull();
                    break;
                default:
                    await slots.WaitAsync(stop);
                    row.Begin();
                    _ = WriteAsync(one, row, slots, stop);
                    break;
            }
        }

        _tally.End(row); // a row counts as one more write until all of its writes were started
    }

    private async Task WriteAsync(RowWrite one, LoadRow row, SemaphoreSlim slots, CancellationToken stop)
    {
        try
        {
            await TryWriteAsync(one, stop);
            _tally.Written();
        }
        catch (GossipdbException problem)
        {
            _tally.Failed(row, problem);
        }
        catch (Exception problem)
        {
            _broken ??= problem;
            row.Fail();
        }
        finally
        {
            _tally.End(row);
            slots.Release();
        }
    }

    private async Task TryWriteAsync(RowWrite one, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        for (var pause = FirstPause; ; pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks)))
        {
            try
            {
                await write(one, stop);
                return;
            }
            catch (GossipdbException problem) when (MayRepeat(one, problem) && Stopwatch.GetElapsedTime(started) < plan.RetryFor)
            {
                _tally.Retry();
                await Task.Delay(pause, stop);
            }
        }
    }

    private static bool MayRepeat(RowWrite one, GossipdbException problem) => problem switch
    {
        UnavailableException or OverloadedException or RefusingWritesException or OperationExpiredException or ConnectionException => true,
        IndeterminateException => one.IsIdempotent,
        _ => false,
    };
}

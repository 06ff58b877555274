using System.Collections.Concurrent;
using System.IO.Pipes;
using Gossipdb.Cli.Load;
using Gossipdb.Cli.Output;

namespace Gossipdb.Cli.Tests;

/// <summary>Which rows a load makes of the bytes of a file or a pipe, and which it refuses.</summary>
public sealed class LoadInputTests : IDisposable
{
    private static readonly LoadPlan Plan = new() { Operations = [RowOperation.ParseSet("k={0}")], Parallel = 8 };

    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentBag<string> _loaded = [];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Values_that_are_no_utf8_are_refused_and_not_merged()
    {
        var report = await LoadAsync(Plan, [0x61, 0xE9, 0x2C, 0x31, 0x0A, 0x61, 0xE8, 0x0A, 0x7A, 0x0A, 0x78, 0x2C, 0xC3, 0x28, 0x0A]);

        Assert.Equal(["z"], _loaded);
        Assert.Equal(
            [
                "line 1, column {0}: the bytes E9 at byte 2 are no utf-8; --encoding says what the file is in",
                "line 2, column {0}: the bytes E8 at byte 2 are no utf-8; --encoding says what the file is in",
                "line 4, column {1}: the bytes C3 at byte 1 are no utf-8; --encoding says what the file is in",
            ],
            report.Problems.Select(static problem => problem.ToString()));
        Assert.Equal((1, 3, 3, ExitCode.Error), (report.RowsDone, report.RowsFailed, report.Malformed, report.Exit));
    }

    [Theory]
    [InlineData("latin1", "é,è", new byte[] { 0xE9, 0x0A, 0xE8, 0x0A })]
    [InlineData("windows-1252", "€", new byte[] { 0x80, 0x0A })]
    [InlineData("shift_jis", "日", new byte[] { 0x93, 0xFA, 0x0A })]
    [InlineData("utf-8", "é", new byte[] { 0xEF, 0xBB, 0xBF, 0xC3, 0xA9, 0x0A })]
    [InlineData("utf-8", "é", new byte[] { 0xFF, 0xFE, 0xE9, 0x00, 0x0A, 0x00 })]
    [InlineData("utf-8", "é", new byte[] { 0xFE, 0xFF, 0x00, 0xE9, 0x00, 0x0A })]
    [InlineData("latin1", "ÿþa", new byte[] { 0xFF, 0xFE, 0x61, 0x0A })]
    [InlineData("utf-8", "\uFFFD", new byte[] { 0xEF, 0xBF, 0xBD, 0x0A })]
    [InlineData("utf-8", "\uFFFF", new byte[] { 0xEF, 0xBF, 0xBF })]
    public async Task An_encoding_is_read_as_it_is(string encoding, string values, byte[] bytes)
    {
        var report = await LoadAsync(Plan with { Encoding = TextEncoding.Parse(encoding) }, bytes);

        Assert.Null(report.Problem());
        Assert.Equal(values.Split(','), _loaded.Order(StringComparer.Ordinal).Reverse());
    }

    [Theory]
    [InlineData("utf-16", new byte[] { 0x61, 0x00, 0x0A, 0x00, 0x62, 0x00, 0x00, 0xD8, 0x0A, 0x00, 0x63, 0x00, 0x0A, 0x00 })]
    [InlineData("utf-8", new byte[] { 0xFF, 0xFE, 0x61, 0x00, 0x0A, 0x00, 0x62, 0x00, 0x00, 0xD8, 0x0A, 0x00, 0x63, 0x00, 0x0A, 0x00 })]
    [InlineData("shift_jis", new byte[] { 0x61, 0x0A, 0x62, 0x81, 0xFF, 0x0A, 0x63, 0x0A })]
    [InlineData("us-ascii", new byte[] { 0x61, 0x0A, 0x62, 0xE9, 0x0A, 0x63, 0x0A })]
    public async Task What_is_no_text_in_another_encoding_is_refused_too(string encoding, byte[] bytes)
    {
        var report = await LoadAsync(Plan with { Encoding = TextEncoding.Parse(encoding) }, bytes);

        Assert.Equal(["a", "c"], _loaded.Order(StringComparer.Ordinal));
        var problem = Assert.Single(report.Problems);
        Assert.Equal((2, "0"), (problem.Line, problem.Column));
        Assert.Contains("is no ", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("klingon")]
    [InlineData("utf-7")]
    [InlineData("")]
    public void An_encoding_that_is_none_is_refused(string name) =>
        Assert.Contains(
            $"'{name}' is no encoding", Assert.Throws<FormatException>(() => TextEncoding.Parse(name)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_header_names_the_columns_and_is_no_row()
    {
        var plan = Plan with { HasHeader = true, Operations = [RowOperation.ParseSet("k={city}")], Offset = 1 };
        var report = await LoadAsync(plan, "city,n\nRome,1\nOslo,2\nParis\n,"u8.ToArray());

        Assert.Equal(["", "Oslo", "Paris"], _loaded.Order(StringComparer.Ordinal));
        Assert.Equal((3, 0), (report.RowsDone, report.RowsFailed));

        var bad = await LoadAsync(
            plan with { Operations = [RowOperation.ParseCounter("x+={n}")], Offset = 0 }, "city,n\nRome,a\nOslo"u8.ToArray());
        Assert.Equal(
            [
                "line 2, column {n}: 'a' is not a whole number from -9223372036854775808 to 9223372036854775807",
                "line 3, column {n}: there is none: the row has 1 column"
            ],
            bad.Problems.Select(static problem => problem.ToString()));
        await Assert.ThrowsAsync<CliException>(() => LoadAsync(plan, []));
        await Assert.ThrowsAsync<CliException>(() => LoadAsync(plan, "town\n"u8.ToArray()));
    }

    [Fact]
    public async Task Quotes_that_do_not_match_are_bad_rows()
    {
        var report = await LoadAsync(Plan, "a\"b\n\"c\"d\nok\n\"e\nf\n"u8.ToArray());

        Assert.Equal(["ok"], _loaded);
        Assert.Equal([1, 2, 4], report.Problems.Select(static problem => problem.Line));
        Assert.Contains("never closed", report.Problems[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_without_an_end_stops_the_load_and_is_told()
    {
        var bytes = new byte[40_000_000];
        Array.Fill(bytes, (byte)'x');
        "a\nb\n\""u8.CopyTo(bytes);

        var report = await LoadAsync(Plan, bytes);

        Assert.Equal(["a", "b"], _loaded.Order(StringComparer.Ordinal));
        Assert.Equal((2, ExitCode.Error), (report.RowsDone, report.Exit));
        Assert.StartsWith("stopped after 2 rows: the file could not be read on: ", report.Problem(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_is_read_once_whole_and_has_no_length()
    {
        using var writing = new AnonymousPipeServerStream(PipeDirection.Out);
        var writer = Task.Run(async () =>
        {
            await using var text = new StreamWriter(writing);
            for (var i = 0; i < 20_000; i++) await text.WriteAsync($"{i}\n");
        });
        using var input = LoadInput.Open($"/proc/self/fd/{writing.ClientSafePipeHandle.DangerousGetHandle()}", Stream.Null);
        writing.DisposeLocalCopyOfClientHandle();

        using var rows = await input.RowsAsync(Plan, CancellationToken.None);
        Assert.Null(input.Progress);
        var report = await Loader(Plan).RunAsync(rows);

        await writer;
        Assert.Equal((20_000, 0), (report.RowsDone, report.RowsFailed));
        Assert.Equal(20_000, _loaded.Distinct().Count());
    }

    [Fact]
    public async Task A_file_tells_how_far_it_was_read()
    {
        var path = Path.Combine(_directory.Path, "rows");
        await File.WriteAllTextAsync(path, string.Concat(Enumerable.Repeat("a\n", 200_000)));
        using var input = LoadInput.Open(path, Stream.Null);
        using var rows = await input.RowsAsync(Plan with { Limit = 1 }, CancellationToken.None);
        Assert.InRange(input.Progress!.Value, 0.01, 0.9);
        await Loader(Plan).RunAsync(rows);
        Assert.Equal(1, input.Progress);
    }

    [Fact]
    public async Task A_silent_pipe_does_not_hold_up_whoever_stops_the_load()
    {
        using var writing = new AnonymousPipeServerStream(PipeDirection.Out);
        using var input = LoadInput.Open($"/proc/self/fd/{writing.ClientSafePipeHandle.DangerousGetHandle()}", Stream.Null);
        writing.DisposeLocalCopyOfClientHandle();
        await writing.WriteAsync("a\nb"u8.ToArray());
        using var stop = new CancellationTokenSource();

        var loading = LoadAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loading);

        async Task LoadAsync()
        {
            using var rows = await input.RowsAsync(Plan, stop.Token);
            await Loader(Plan).RunAsync(rows, stop.Token);
        }
    }

    private async Task<LoadReport> LoadAsync(LoadPlan plan, byte[] bytes)
    {
        _loaded.Clear();
        var path = Path.Combine(_directory.Path, "rows");
        await File.WriteAllBytesAsync(path, bytes);
        using var input = LoadInput.Open(path, Stream.Null);
        using var rows = await input.RowsAsync(plan, CancellationToken.None);
        return await Loader(plan).RunAsync(rows);
    }

    private CsvLoader Loader(LoadPlan plan) => new(plan, (write, _) =>
    {
        _loaded.Add(write.Element!);
        return Task.CompletedTask;
    });
}

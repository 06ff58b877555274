using System.Globalization;
using CsvHelper;
using Gossipdb.Cli.Output;

namespace Gossipdb.Cli.Load;

/// <summary>The rows of an input, one after the other.</summary>
internal sealed class CsvRows : IDisposable
{
    // A quote that is never closed would otherwise hold the rest of the file in memory.
    private const int MaxRowBytes = 16 * 1024 * 1024;

    private readonly CsvReader _reader;
    private readonly TextEncoding _encoding;
    private string? _badQuoting;

    /// <param name="utf8">The input in UTF-8, as the encoding makes it.</param>
    /// <param name="encoding">The input's encoding.</param>
    /// <param name="plan">How columns are separated.</param>
    public CsvRows(Stream utf8, TextEncoding encoding, LoadPlan plan) =>
        (_reader, _encoding) = (CsvReader.Create(utf8, Options(plan)), encoding);

    /// <summary>Rows of text that the program has itself.</summary>
    public CsvRows(TextReader text, LoadPlan plan) =>
        (_reader, _encoding) = (CsvReader.Create(text, Options(plan), leaveOpen: true), TextEncoding.Utf8);

    /// <summary>What the columns are called; null where there is no header.</summary>
    public string[]? Header { get; private set; }

    /// <summary>The line the current row begins in.</summary>
    public long Line => _reader.LineNumber;

    /// <summary>Goes on to the next row.</summary>
    /// <exception cref="CsvFormatException">A row is too long to be one.</exception>
    /// <exception cref="IOException">The input cannot be read on.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken stop)
    {
        _badQuoting = null;
        var read = _reader.ReadAsync(CancellationToken.None);
        return read.IsCompleted ? await read : await read.AsTask().WaitAsync(stop);
    }

    /// <summary>Takes the first row for the names of the columns.</summary>
    /// <exception cref="CliException">There is no row, or it is none that names columns.</exception>
    public async Task ReadHeaderAsync(CancellationToken stop)
    {
        if (!await ReadAsync(stop)) throw CliException.Usage("load: --header: the file is empty");
        Header = TryGet(out var names, out var problem) ? names : throw CliException.Usage($"load: --header: {problem}");
    }

    /// <summary>The columns of the current row.</summary>
    public bool TryGet(out string[] columns, out RowProblem? problem)
    {
        problem = _badQuoting is null ? null : new RowProblem(Line, null, _badQuoting);
        columns = problem is null ? new string[_reader.FieldCount] : [];
        for (var i = 0; i < columns.Length && problem is null; i++)
        {
            if (!_encoding.TryDecode(_reader.GetSpan(i), out columns[i], out var wrong))
                problem = new RowProblem(Line, NameOf(i), $"{wrong}; --encoding says what the file is in");
        }

        return problem is null;
    }

    /// <summary>A column as a template names it.</summary>
    public string NameOf(int column) =>
        Header is not null && column < Header.Length ? Header[column] : column.ToString(CultureInfo.InvariantCulture);

    public void Dispose() => _reader.Dispose();

    private CsvReaderOptions Options(LoadPlan plan) => new()
    {
        Separator = plan.Delimiter,
        HasHeader = false,
        TrackLineNumbers = true,
        MaxRecordSize = MaxRowBytes,
        IncludeValuesInExceptions = false,
        OnMalformedRecord = record => _badQuoting = record.Reason switch
        {
            CsvMalformedReason.StrayQuote => "a quote inside a column that is not quoted; a quoted column holds a quote doubled",
            CsvMalformedReason.TextAfterClosingQuote => "text behind the quote that ends a column",
            CsvMalformedReason.UnterminatedQuote => "a quote that is never closed: all the rest of the file is in it",
            var other => $"malformed ({other})",
        },
    };
}

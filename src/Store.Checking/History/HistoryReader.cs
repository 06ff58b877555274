using System.Text.Json;

namespace Gossipdb.Checking.History;

/// <summary>
/// Reads a history file, a record at a time; only the line at hand is in memory. Kinds and fields it does not know it passes over.
/// A last line that was cut off (its writer died) ends the history, and <see cref="IsTruncated"/> says so.
/// </summary>
public sealed class HistoryReader : IDisposable
{
    private const int FirstBuffer = 256 * 1024;
    private const int LongestLine = 64 * 1024 * 1024;

    private readonly Stream _stream;
    private readonly string _name;
    private readonly HistoryJson _json = HistoryJson.WithTextPool();
    private byte[] _buffer = new byte[FirstBuffer];
    private int _begin;
    private int _end;
    private bool _atEnd;

    /// <summary>Opens a file. A file that is still being written is read as far as it is.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public HistoryReader(string path)
        : this(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, FileOptions.SequentialScan), path)
    {
    }

    /// <summary>Reads a stream, and closes it in the end.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="name">What errors call it.</param>
    public HistoryReader(Stream stream, string name = "history")
    {
        _stream = stream;
        _name = name;
    }

    /// <summary>The line that was read last, from 1; empty lines count.</summary>
    public long Line { get; private set; }

    /// <summary>Whether the last line was cut off. It is not part of the history.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>How many lines were of a kind that this version does not know.</summary>
    public long UnknownKinds { get; private set; }

    /// <summary>The records from here on, in the file's order.</summary>
    /// <exception cref="HistoryFormatException">A line other than the last is no record.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public IEnumerable<HistoryRecord> ReadAll()
    {
        while (Read() is { } record) yield return record;
    }

    /// <summary>The next record; null at the end.</summary>
    /// <exception cref="HistoryFormatException">The line is no record, and not the last one.</exception>
    public HistoryRecord? Read()
    {
        while (NextLine(out var line, out var isEnded))
        {
            if (line.Span.Trim(" \t\r"u8).IsEmpty) continue;
            try
            {
                if (Parse(line.Span) is { } record) return record;
                UnknownKinds++;
            }
            catch (HistoryFormatException) when (!isEnded && !IsWhole(line.Span))
            {
                IsTruncated = true;
                return null;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static bool IsWhole(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private HistoryRecord? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            return KindOf(line) switch
            {
                "run" => JsonSerializer.Deserialize(line, _json.RunRecord),
                "call" => JsonSerializer.Deserialize(line, _json.CallRecord),
                "fault" => JsonSerializer.Deserialize(line, _json.FaultRecord),
                "phase" => JsonSerializer.Deserialize(line, _json.PhaseRecord),
                "sample" => JsonSerializer.Deserialize(line, _json.SampleRecord),
                "state" => JsonSerializer.Deserialize(line, _json.StateRecord),
                "converged" => JsonSerializer.Deserialize(line, _json.ConvergedRecord),
                _ => null,
            };
        }
        catch (JsonException problem)
        {
            throw Wrong((problem.BytePositionInLine ?? 0) + 1, HistoryFields.Explain(problem));
        }
    }

    // The kind may stand anywhere among an object's fields. A call's stands first where this library wrote it, and costs nothing then.
    private string? KindOf(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw Wrong(reader.TokenStartIndex + 1, "expected a JSON object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isKind = reader.ValueTextEquals("kind"u8);
            reader.Read();
            if (!isKind)
            {
                reader.Skip();
                continue;
            }

            if (reader.TokenType != JsonTokenType.String)
                throw Wrong(reader.TokenStartIndex + 1, "'kind': expected a text, such as \"call\"");
            return reader.ValueTextEquals("call"u8) ? "call" : reader.GetString();
        }

        throw Wrong(1, "expected a field 'kind': \"run\", \"call\", \"fault\", \"phase\", \"sample\", \"state\" or \"converged\"");
    }

    private HistoryFormatException Wrong(long column, string problem) => new(_name, Line, column, problem);

    private bool NextLine(out ReadOnlyMemory<byte> line, out bool isEnded)
    {
        var searched = 0;
        while (true)
        {
            var held = _buffer.AsSpan(_begin, _end - _begin);
            var newline = held[searched..].IndexOf((byte)'\n');
            if (newline >= 0)
            {
                Line++;
                line = _buffer.AsMemory(_begin, searched + newline);
                _begin += searched + newline + 1;
                isEnded = true;
                return true;
            }

            if (_atEnd)
            {
                line = _buffer.AsMemory(_begin, held.Length);
                _begin = _end;
                isEnded = false;
                if (line.IsEmpty) return false;
                Line++;
                return true;
            }

            searched = held.Length;
            Fill();
        }
    }

    private void Fill()
    {
        var length = _end - _begin;
        if (length >= LongestLine)
        {
            Line++;
            throw Wrong(LongestLine, "the line is longer than 64 MiB; expected a JSON object a line");
        }

        if (_begin > 0)
        {
            _buffer.AsSpan(_begin, length).CopyTo(_buffer);
            (_begin, _end) = (0, length);
        }

        if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        var read = _stream.Read(_buffer, _end, _buffer.Length - _end);
        _atEnd = read == 0;
        _end += read;
    }
}

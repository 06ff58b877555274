using System.Text.Json;

namespace Gossipdb.Checking.History;

/// <summary>
/// Writes a history file: a JSON object a line, in the order of <see cref="Append"/>. What is appended is buffered; a process that dies
/// leaves a file that is whole but for its end, which <see cref="HistoryReader"/> takes. Any thread may append.
/// </summary>
public sealed class HistoryWriter : IDisposable
{
    private const int Buffer = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly Stream _stream;
    private readonly Utf8JsonWriter _json;
    private bool _closed;

    /// <summary>Creates the file, or replaces what is there.</summary>
    /// <param name="path">Its path; the directory exists.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public HistoryWriter(string path)
        : this(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, Buffer))
    {
    }

    /// <summary>Writes to a stream, and closes it in the end.</summary>
    /// <param name="stream">The stream.</param>
    public HistoryWriter(Stream stream)
    {
        _stream = stream;
        _json = new Utf8JsonWriter(stream, new JsonWriterOptions { SkipValidation = true });
    }

    /// <summary>How many records have been appended.</summary>
    public long Count { get; private set; }

    /// <summary>Appends a record.</summary>
    /// <param name="record">The record.</param>
    /// <exception cref="ObjectDisposedException">The writer was closed.</exception>
    /// <exception cref="IOException">The disk takes no more.</exception>
    public void Append(HistoryRecord record)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            JsonSerializer.Serialize(_json, record, HistoryJson.Default.HistoryRecord);
            _json.Flush();
            _stream.WriteByte((byte)'\n');
            _json.Reset();
            Count++;
        }
    }

    /// <summary>Hands what is buffered to the file.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            if (!_closed) _stream.Flush();
        }
    }

    /// <summary>Writes what is buffered, and closes the file.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_closed) return;
            _closed = true;
            _json.Dispose();
            _stream.Dispose();
        }
    }
}

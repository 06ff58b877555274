using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Sinks.File;

namespace Gossipdb.Node.Security;

/// <summary>
/// The files that lines are appended to: one a day, and a further one whenever it is large. Only the node's own user may read them.
/// By one thread at a time.
/// </summary>
/// <param name="directory">Where they are.</param>
/// <param name="files">How many are kept.</param>
/// <param name="bytes">How large one may become.</param>
internal sealed class AuditFile(string directory, int files, long bytes) : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan ToDiskWithin = TimeSpan.FromSeconds(1);
    private readonly Listener _failures = new();
    private Logger? _logger;

    /// <summary>Appends a line.</summary>
    /// <returns>Why it could not be; null where it was.</returns>
    public string? Append(string line)
    {
        try
        {
            _failures.Last = null;
            _logger ??= Open();
            _logger.Write(LogEventLevel.Information, "{Line:l}", line);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            _failures.Last = unwritable.Message;
        }

        if (_failures.Last is not { } why) return null;

        // A logger that could not open its file waits for half an hour before it tries again.
        Close();
        return why;
    }

    public void Dispose() => Close();

    private Logger Open()
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
        else Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
        return new LoggerConfiguration()
            .WriteTo.Fallible(
                to => to.File(
                    Path.Combine(directory, "audit-.jsonl"),
                    outputTemplate: "{Line:l}\n",
                    rollingInterval: RollingInterval.Day,
                    rollOnFileSizeLimit: true,
                    fileSizeLimitBytes: bytes,
                    retainedFileCountLimit: files,
                    flushToDiskInterval: ToDiskWithin,
                    hooks: new Hooks(),
                    formatProvider: System.Globalization.CultureInfo.InvariantCulture),
                _failures)
            .CreateLogger();
    }

    private void Close()
    {
        try
        {
            _logger?.Dispose();
        }
        catch (IOException)
        {
            // What it held is counted as lost.
        }

        _logger = null;
    }

    private sealed class Hooks : FileLifecycleHooks
    {
        public override Stream OnFileOpened(string path, Stream underlyingStream, System.Text.Encoding encoding)
        {
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, OwnerOnly);

            // A line that a full disk cut off is not continued by the next one.
            if (underlyingStream.Length > 0 && !EndsWithLine(path)) underlyingStream.WriteByte((byte)'\n');
            return underlyingStream;
        }

        private static bool EndsWithLine(string path)
        {
            using var written = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            written.Seek(-1, SeekOrigin.End);
            return written.ReadByte() == '\n';
        }
    }

    private sealed class Listener : ILoggingFailureListener
    {
        private volatile string? _last;

        public string? Last
        {
            get => _last;
            set => _last = value;
        }

        public void OnLoggingFailed(
            object sender, LoggingFailureKind kind, string message, IReadOnlyCollection<LogEvent>? events, Exception? exception) =>
            Last = exception?.Message ?? message;
    }
}

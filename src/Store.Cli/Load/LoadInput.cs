using System.IO.Pipelines;
using Gossipdb.Cli.Output;

namespace Gossipdb.Cli.Load;

/// <summary>The bytes of a file, a pipe or the standard input, read once from the beginning to the end.</summary>
internal sealed class LoadInput : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly Stream _source;
    private readonly PipeReader _bytes;

    private LoadInput(Stream source) =>
        (_source, _bytes) = (source, PipeReader.Create(source, new StreamPipeReaderOptions(bufferSize: BufferBytes)));

    /// <summary>How much of it was read, from 0 to 1; null where it has no length, as a pipe.</summary>
    public double? Progress => _source.CanSeek ? Math.Min(1, (double)_source.Position / Math.Max(1, _source.Length)) : null;

    /// <param name="file">A path; - for the standard input.</param>
    /// <param name="standardInput">What - stands for.</param>
    /// <exception cref="CliException">There is no such file, or it cannot be read.</exception>
    public static LoadInput Open(string file, Stream standardInput)
    {
        if (file == "-") return new LoadInput(standardInput);
        if (Directory.Exists(file)) throw CliException.Usage($"load: '{file}' is a directory");
        if (!File.Exists(file)) throw CliException.Usage($"load: there is no file '{file}'");
        try
        {
            return new LoadInput(
                new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.SequentialScan));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage($"load: the file '{file}' cannot be read: {problem.Message}");
        }
    }

    /// <summary>The input as rows. What it begins with decides whether it is UTF-16 or UTF-32 where it is said to be UTF-8.</summary>
    public async Task<CsvRows> RowsAsync(LoadPlan plan, CancellationToken stop)
    {
        // A pipe that is silent cannot be read with a cancellation: the wait for it can end, the read goes on until the process ends.
        var start = await _bytes.ReadAtLeastAsync(4, CancellationToken.None).AsTask().WaitAsync(stop);
        var encoding = plan.Encoding.Of(start.Buffer);
        _bytes.AdvanceTo(start.Buffer.Start);
        return new CsvRows(encoding.ToUtf8(_bytes.AsStream(leaveOpen: true)), encoding, plan);
    }

    public void Dispose() => _source.Dispose();
}

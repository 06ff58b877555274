using Gossipdb.Cli.Output;

namespace Gossipdb.Cli.Load;

/// <summary>The lines of a batch that is piped in.</summary>
internal static class BatchInput
{
    /// <summary>More than any batch that a cluster takes.</summary>
    private const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>A line for each change; empty lines and remarks after a # are for people.</summary>
    /// <exception cref="CliException">What is piped in is no UTF-8, or too long.</exception>
    public static async Task<List<string>> LinesAsync(Stream input, CancellationToken stop)
    {
        var lines = new List<string>();
        var bytes = await ReadAsync(input, stop);
        for (var (start, number) = (0, 1); start < bytes.Length; number++)
        {
            var length = bytes.AsSpan(start).IndexOf((byte)'\n');
            if (length < 0) length = bytes.Length - start;
            if (!TextEncoding.Utf8.TryDecode(bytes.AsSpan(start, length), out var line, out var problem))
                throw CliException.Usage($"batch: line {number}: {problem}");
            if (line.AsSpan().TrimStart() is [not '#', ..]) lines.Add(line);
            start += length + 1;
        }

        return lines;
    }

    private static async Task<byte[]> ReadAsync(Stream input, CancellationToken stop)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (await input.ReadAsync(buffer, stop).AsTask().WaitAsync(stop) is > 0 and var read)
        {
            if (all.Length + read > MaxBytes)
                throw CliException.Usage($"batch: the input is longer than {MaxBytes} bytes; 'gossipdb load' loads files of any length");
            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }
}

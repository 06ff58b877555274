namespace Gossipdb.LocalCluster;

/// <summary>The end of a node's newest log file, for when it does not start.</summary>
internal static class LogTail
{
    private const int Lines = 15;

    /// <summary>How long a node's log is, all its files together.</summary>
    public static long BytesOf(string logDirectory)
    {
        try
        {
            return new DirectoryInfo(logDirectory).EnumerateFiles().Sum(static file => file.Length);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return 0; // there is none yet
        }
    }

    /// <summary>The last lines.</summary>
    public static string Of(string logDirectory)
    {
        try
        {
            var newest = new DirectoryInfo(logDirectory).EnumerateFiles().MaxBy(static file => file.LastWriteTimeUtc);
            if (newest is null) return $"(no log in {logDirectory})";
            // Shared, because the node may still be writing to it.
            using var stream = new FileStream(newest.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream);
            var last = new Queue<string>();
            while (reader.ReadLine() is { } line)
            {
                if (last.Count == Lines) last.Dequeue();
                last.Enqueue(line);
            }

            return $"the end of {newest.FullName}:\n{string.Join('\n', last)}";
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return $"(no log: {problem.Message})";
        }
    }
}

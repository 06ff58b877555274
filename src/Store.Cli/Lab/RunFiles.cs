using Gossipdb.Cli.Output;
using Gossipdb.Lab.Reports;

namespace Gossipdb.Cli.Lab;

/// <summary>The files of runs: what is wrong with them is told in a line.</summary>
internal static class RunFiles
{
    /// <summary>What was measured in a run.</summary>
    public static MeasuredRun Load(string directory, CancellationToken stop) => Reading(() => RunReport.Load(Existing(directory), stop));

    /// <summary>Writes a run's report, and returns its path.</summary>
    public static string Write(string directory, IReadOnlyList<string> keys, CancellationToken stop) =>
        Reading(() => RunReport.Write(Existing(directory), keys, stop));

    /// <summary>Writes a file.</summary>
    public static void Writing(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"cannot write {path}: {problem.Message}");
        }
    }

    private static string Existing(string directory) => Directory.Exists(directory)
        ? directory
        : throw CliException.Usage(File.Exists(directory)
            ? $"{directory} is a file; name the directory of a run, which has {RunReport.HistoryName} in it"
            : $"there is no directory {directory}");

    private static T Reading<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception problem) when (problem is FileNotFoundException or FormatException or ArgumentException)
        {
            throw CliException.Usage(problem.Message);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CliException(problem.Message);
        }
    }
}

using System.Globalization;

namespace Gossipdb.Node.Security;

/// <summary>How many files, and with them sockets, the process may have open.</summary>
internal static class FileLimit
{
    private const string Limits = "/proc/self/limits";
    private const string Line = "Max open files";

    /// <summary>This process's limit: .NET has raised it to all that the process may have. A large number where nobody says it.</summary>
    public static int OfProcess()
    {
        try
        {
            return File.Exists(Limits) ? Parse(File.ReadLines(Limits)) : int.MaxValue;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return int.MaxValue;
        }
    }

    /// <summary>Finds it in what Linux says of a process.</summary>
    public static int Parse(IEnumerable<string> lines)
    {
        var line = lines.FirstOrDefault(static line => line.StartsWith(Line, StringComparison.Ordinal));
        var words = line?[Line.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is [var soft, ..] && int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var files)
            ? files
            : int.MaxValue;
    }
}

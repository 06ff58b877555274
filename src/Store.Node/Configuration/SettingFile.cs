namespace Gossipdb.Node.Configuration;

/// <summary>Text files that settings name: certificates, keys, secrets.</summary>
internal static class SettingFile
{
    /// <summary>Reads one.</summary>
    /// <param name="key">The setting that names it, for errors.</param>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">No such file is longer.</param>
    /// <param name="isNot">What a longer one is not, for errors.</param>
    /// <exception cref="ConfigurationProblem">It cannot be read, or is too long.</exception>
    public static string Read(string key, string path, int maxBytes, string isNot)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true } file && file.Length > maxBytes)
                throw new ConfigurationProblem($"{key}: {path} has more than {maxBytes} bytes; it is {isNot}");
            return File.ReadAllText(path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ConfigurationProblem($"{key}: there is no file {path}");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationProblem($"{key}: {path} cannot be read: {unreadable.Message}");
        }
    }

    /// <summary>What is wrong with who may read a file with a secret; null where nothing is.</summary>
    public static string? ProblemOfMode(string key, string path)
    {
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0
            ? $"{key}: others than its owner can read {path} (chmod 600)"
            : null;
    }
}

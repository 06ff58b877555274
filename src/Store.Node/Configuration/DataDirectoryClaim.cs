namespace Gossipdb.Node.Configuration;

/// <summary>A data directory is one process's at a time: a lock on a file in it says so, and ends with the process.</summary>
internal static class DataDirectoryClaim
{
    /// <summary>Takes a directory for this process, until what is returned is disposed.</summary>
    /// <exception cref="ConfigurationProblem">Another process has it.</exception>
    public static FileStream Take(string dataDirectory)
    {
        try
        {
            return new FileStream(Path.Combine(dataDirectory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception taken) when (taken is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationProblem(
                $"the data directory {dataDirectory} cannot be locked; another node may be using it: {taken.Message}");
        }
    }

    /// <summary>
    /// Takes a stopped node's directory, to read it, until what is returned is disposed. That is null where nobody ever locked it: a copy
    /// may have no lock.
    /// </summary>
    /// <param name="dataDirectory">The directory.</param>
    /// <param name="held">What is to be disposed.</param>
    /// <returns>False where a node runs there.</returns>
    public static bool TryTakeToRead(string dataDirectory, out FileStream? held)
    {
        held = null;
        try
        {
            held = new FileStream(Path.Combine(dataDirectory, "lock"), FileMode.Open, FileAccess.Read, FileShare.None);
            return true;
        }
        catch (FileNotFoundException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}

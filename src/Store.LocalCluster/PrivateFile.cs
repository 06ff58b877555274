namespace Gossipdb.LocalCluster;

/// <summary>Files that only their owner may read, or only the owner may write. They are there whole or not at all.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes one, in place of one that is there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="text">What it is to hold.</param>
    /// <param name="others">What others than the owner may do.</param>
    public static void Write(string path, string text, UnixFileMode others = UnixFileMode.None)
    {
        var fresh = path + ".new";
        File.Delete(fresh);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerAlone | others;
        using (var writer = new StreamWriter(fresh, options)) writer.Write(text);
        File.Move(fresh, path, overwrite: true);
    }
}

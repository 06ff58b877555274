namespace Gossipdb.Node.Configuration;

/// <summary>Small files of a node that are there whole or not at all.</summary>
internal static class WholeFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Replaces a file in one step, once the new content is on the disk.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">What it is to hold.</param>
    /// <param name="isSecret">Whether nobody but the node's own user may read it.</param>
    /// <exception cref="IOException">The disk does not take it: the file is as it was.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, bool isSecret = false)
    {
        var temporary = path + ".new";

        // One that is there already keeps its mode.
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (isSecret && !OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using (var file = new FileStream(temporary, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}

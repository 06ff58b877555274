namespace Gossipdb.LocalCluster;

/// <summary>The data directory of a node that is down, as a whole: emptied, copied, replaced by a copy.</summary>
internal static class NodeFiles
{
    // What a copy is made under until it is whole.
    private const string Unfinished = ".unfinished";

    /// <summary>Deletes everything in it.</summary>
    public static void Wipe(string directory)
    {
        if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
    }

    /// <summary>Copies it to a place that is not there yet; it is there whole or not at all.</summary>
    /// <exception cref="LocalClusterException">There is nothing to copy, or the place is taken.</exception>
    public static void Save(string directory, string copy)
    {
        if (!Directory.Exists(directory)) throw new LocalClusterException($"there is no data to save in '{directory}'");
        if (Path.Exists(copy)) throw new LocalClusterException($"'{copy}' is there already: save to another place");
        Copy(directory, copy);
    }

    /// <summary>Puts a copy in its place; the copy stays.</summary>
    /// <exception cref="LocalClusterException">There is no such copy.</exception>
    public static void Restore(string directory, string copy)
    {
        if (!Directory.Exists(copy)) throw new LocalClusterException($"there is no saved data in '{copy}'");
        if (!Directory.EnumerateFiles(copy, "journal.db*").Any())
            throw new LocalClusterException($"'{copy}' is no saved data directory of a node: it has no journal.db");

        // The old data goes only once the copy is whole beside it.
        var fresh = directory + ".restored";
        Wipe(fresh);
        Copy(copy, fresh);
        Wipe(directory);
        Directory.Move(fresh, directory);
    }

    private static void Copy(string from, string to)
    {
        var unfinished = to.TrimEnd(Path.DirectorySeparatorChar) + Unfinished;
        Wipe(unfinished);
        Directory.CreateDirectory(unfinished);
        foreach (var directory in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(unfinished, Path.GetRelativePath(from, directory)));
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(unfinished, Path.GetRelativePath(from, file)));
        Directory.Move(unfinished, to);
    }
}

namespace Gossipdb.Testing;

/// <summary>Where a cluster keeps its data: a directory of its own that goes with it, or one that stays.</summary>
internal sealed class TestDirectory : IDisposable
{
    private const string Prefix = "gossipdb-cluster-";
    private const string LockName = "gossipdb-cluster.lock";

    private readonly bool _isTemporary;

    private TestDirectory(string path, bool isTemporary) => (FullPath, _isTemporary) = (path, isTemporary);

    public string FullPath { get; }

    /// <param name="given">A directory that stays; null makes a temporary one.</param>
    public static TestDirectory Make(string? given)
    {
        if (given is not null) return new TestDirectory(Path.GetFullPath(given), isTemporary: false);
        RemoveLeftovers();
        return new TestDirectory(Directory.CreateTempSubdirectory(Prefix).FullName, isTemporary: true);
    }

    public void Dispose()
    {
        if (_isTemporary) Delete(FullPath);
    }

    // A process that was killed leaves its directory, whose lock nobody holds any more.
    private static void RemoveLeftovers()
    {
        foreach (var left in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            var held = Path.Combine(left, LockName);
            try
            {
                if (!File.Exists(held)) continue; // one that is just being made
                using (new FileStream(held, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                {
                    // Nobody uses it.
                }
            }
            catch (Exception used) when (used is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            Delete(left);
        }
    }

    private static void Delete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
        {
            // A later cluster tries again.
        }
    }
}

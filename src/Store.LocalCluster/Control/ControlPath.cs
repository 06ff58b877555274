using System.Text;

namespace Gossipdb.LocalCluster.Control;

/// <summary>
/// Where the socket for orders is. Its path must be short, and a data directory's need not be: the socket lies in a directory of its own
/// under the system's temporary one, which nobody else may enter, and a file in the data directory says where.
/// </summary>
internal sealed class ControlPath : IDisposable
{
    // sun_path has 108 bytes on Linux and 104 elsewhere, of which the last is 0.
    private const int MaxPath = 103;
    private const string Prefix = "gossipdb-control-";
    private const string SocketName = "orders";

    private readonly string _directory;
    private readonly string _file;

    private ControlPath(string directory, string file) => (_directory, _file) = (directory, file);

    /// <summary>The socket.</summary>
    public string Socket => Path.Combine(_directory, SocketName);

    /// <summary>A place for a socket, and away with what one that did not stop in order has left.</summary>
    /// <exception cref="LocalClusterException">There is no place whose path is short enough.</exception>
    public static ControlPath Make(string dataDirectory)
    {
        var file = Path.Combine(dataDirectory, ClusterDirectory.ControlName);
        if (Find(dataDirectory) is { } left && Path.GetDirectoryName(left) is { } old && IsOurs(old)) Delete(old);
        try
        {
            var directory = Directory.CreateTempSubdirectory(Prefix).FullName;
            var path = new ControlPath(directory, file);
            if (Encoding.UTF8.GetByteCount(path.Socket) <= MaxPath) return path;
            path.Dispose();
            throw new LocalClusterException(
                $"orders cannot be taken: the path '{path.Socket}' is longer than {MaxPath} bytes; set TMPDIR to a shorter one");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new LocalClusterException($"orders cannot be taken: {problem.Message}");
        }
    }

    /// <summary>Where the socket of a data directory's cluster is, or was; null where there is none.</summary>
    public static string? Find(string dataDirectory)
    {
        try
        {
            return File.ReadAllText(Path.Combine(dataDirectory, ClusterDirectory.ControlName)).Trim() is { Length: > 0 } path ? path : null;
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Says where it is.</summary>
    public void Publish() => PrivateFile.Write(_file, Socket + "\n");

    public void Dispose()
    {
        try
        {
            File.Delete(_file);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // What is left of it says where nobody listens.
        }

        Delete(_directory);
    }

    private static bool IsOurs(string directory) => Path.GetFileName(directory).StartsWith(Prefix, StringComparison.Ordinal);

    private static void Delete(string directory)
    {
        try
        {
            File.Delete(Path.Combine(directory, SocketName));
            Directory.Delete(directory);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // It is the system's to tidy up then.
        }
    }
}

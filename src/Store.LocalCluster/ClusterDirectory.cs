using System.Security.Cryptography;
using System.Text.Json;

namespace Gossipdb.LocalCluster;

/// <summary>
/// The data directory of a local cluster. A marker file says that it is one and what it was made with; a lock, held as long as this
/// object lives, keeps a second cluster out. Nothing is ever deleted in a directory without the marker, nor anything that a local
/// cluster does not make.
/// </summary>
internal sealed class ClusterDirectory : IDisposable
{
    private const string MarkerName = "gossipdb-cluster.json";
    private const string LockName = "gossipdb-cluster.lock";
    private const string SecretName = "gossipdb-cluster.secret";

    /// <summary>The file that says where orders are taken.</summary>
    public const string ControlName = "gossipdb-cluster.control";

    private const int SecretBytes = 33;

    private readonly FileStream _lock;

    private ClusterDirectory(string path, FileStream held, ClusterShape shape) => (Path, _lock, Shape) = (path, held, shape);

    public string Path { get; }

    public ClusterShape Shape { get; private set; }

    /// <summary>How many nodes the cluster was founded with.</summary>
    public int Founders => Shape.Founders > 0 ? Shape.Founders : Shape.Nodes;

    /// <summary>The cluster has more nodes from now on.</summary>
    public void Grow(int nodes)
    {
        Shape = Shape with { Nodes = nodes, Founders = Founders };
        File.WriteAllText(System.IO.Path.Combine(Path, MarkerName), JsonSerializer.Serialize(Shape));
    }

    /// <summary>Takes a directory, made where it is not there yet.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="shapeOf">What the cluster is to be made with, given what the directory was made with, if it was.</param>
    /// <param name="clean">Delete the data of the cluster that was there.</param>
    /// <exception cref="LocalClusterException">It is in use, was made for another cluster, or is no cluster's directory.</exception>
    public static ClusterDirectory Open(string path, Func<ClusterShape?, ClusterShape> shapeOf, bool clean)
    {
        path = System.IO.Path.GetFullPath(path);
        if (File.Exists(path)) throw Unusable($"'{path}' is a file, not a data directory");
        var marker = System.IO.Path.Combine(path, MarkerName);
        if (!File.Exists(marker) && Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any(IsForeign))
            throw Unusable($"'{path}' is not empty and holds no local cluster");
        Create(path);
        var held = Lock(path);
        try
        {
            if (clean && File.Exists(marker)) Clean(path);
            var made = ReadMarker(marker);
            var shape = shapeOf(made);

            // Nodes may be added; whatever else differs is another cluster. N is what it was founded with.
            var grows = made is not null
                && shape.Nodes > made.Nodes
                && shape.Partitions == made.Partitions
                && shape.Replication == made.Replication;
            if (made is not null) shape = shape with { Founders = grows && made.Founders == 0 ? made.Nodes : made.Founders };
            if (made is not null && made != shape && !grows)
                throw new LocalClusterException($"the data in '{path}' was made with {made}")
                {
                    Problem = LocalClusterProblem.OtherShape
                };
            File.WriteAllText(marker, JsonSerializer.Serialize(shape));
            return new ClusterDirectory(path, held, shape);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The file with the secret by which the nodes know each other, drawn when it is first asked for. Its owner alone can read it.
    /// </summary>
    public string Secret()
    {
        var path = System.IO.Path.Combine(Path, SecretName);
        if (!File.Exists(path)) PrivateFile.Write(path, Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes)) + "\n");
        return path;
    }

    /// <summary>The file that says where orders are taken, while they are.</summary>
    public string ControlFile => System.IO.Path.Combine(Path, ControlName);

    public string DataOf(int node) => System.IO.Path.Combine(Path, $"node-{node}");

    public string ConfigOf(int node) => System.IO.Path.Combine(Path, $"node-{node}.conf");

    public void Dispose() => _lock.Dispose();

    private static LocalClusterException Unusable(string message) =>
        new(message) { Problem = LocalClusterProblem.DirectoryUnusable };

    private static bool IsForeign(string entry) => System.IO.Path.GetFileName(entry) != LockName;

    private static void Create(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw Unusable($"cannot make the data directory '{path}': {problem.Message}");
        }
    }

    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException problem)
        {
            throw Unusable($"cannot write to the data directory '{path}': {problem.Message}");
        }
        catch (IOException)
        {
            throw new LocalClusterException($"the data directory '{path}' is in use by another running cluster")
            {
                Problem = LocalClusterProblem.DirectoryInUse
            };
        }
    }

    private static ClusterShape? ReadMarker(string marker)
    {
        if (!File.Exists(marker)) return null;
        try
        {
            return JsonSerializer.Deserialize<ClusterShape>(File.ReadAllText(marker)) is { Nodes: > 0 } shape
                ? shape
                : throw new JsonException();
        }
        catch (JsonException)
        {
            throw new LocalClusterException($"'{marker}' is damaged: it does not say what the cluster was made with");
        }
    }

    private static void Clean(string path)
    {
        foreach (var directory in Directory.EnumerateDirectories(path, "node-*").Where(IsOfNode))
            Directory.Delete(directory, recursive: true);
        foreach (var file in Directory.EnumerateFiles(path, "node-*.conf").Where(IsOfNode)) File.Delete(file);
        ClusterCertificates.Clean(path);
        File.Delete(System.IO.Path.Combine(path, SecretName));
        File.Delete(System.IO.Path.Combine(path, ControlName));
        File.Delete(System.IO.Path.Combine(path, MarkerName));
    }

    private static bool IsOfNode(string entry) =>
        System.IO.Path.GetFileNameWithoutExtension(entry)["node-".Length..] is { Length: > 0 } number && number.All(char.IsAsciiDigit);
}

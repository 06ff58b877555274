namespace Gossipdb.Testing;

/// <summary>A directory that goes with the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("gossipdb-tests-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

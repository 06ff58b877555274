using System.IO.Compression;

namespace Gossipdb.Architecture.Tests;

[CollectionDefinition(Name)]
public sealed class PackedCollection : ICollectionFixture<PackageTests.Packed>, ICollectionFixture<PackedTool>
{
    public const string Name = "packed";
}

/// <summary>The dotnet tool, packed where a test asks for it.</summary>
public sealed class PackedTool : IDisposable
{
    public const string Name = "gossipdb";

    private readonly Lazy<string> _folder = new(Pack);

    /// <summary>Where the package lies.</summary>
    public string Folder => _folder.Value;

    public ZipArchive Open() => ZipFile.OpenRead(Path.Combine(Folder, $"{Name}.{PackageTests.Version}.nupkg"));

    public void Dispose()
    {
        if (_folder.IsValueCreated) Directory.Delete(_folder.Value, recursive: true);
    }

    private static string Pack()
    {
        var folder = Directory.CreateTempSubdirectory("gossipdb-tool-").FullName;
        var project = SourceTree.ProjectOf("Store.Node").Folder;
        Program.Pack(project, File.Exists(Path.Combine(project, "bin", "Release", "net10.0", Name + ".dll")), folder);
        return folder;
    }
}

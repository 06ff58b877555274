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
        // What was built with the solution is packed as it is; else it is built, by no server that others wait for.
        var isBuilt = File.Exists(Path.Combine(project, "bin", "Release", "net10.0", Name + ".dll"));
        var how = isBuilt ? "--no-build" : "-p:UseSharedCompilation=false";
        try
        {
            Program.Run(folder, "dotnet", ["pack", project, "-c", "Release", "-o", folder, "--nologo", "-v", "quiet", how]);
            return folder;
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }
}

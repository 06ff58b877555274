using System.Xml.Linq;

namespace Gossipdb.Architecture.Tests;

/// <summary>
/// A test project as somebody else has it, outside the repository: it knows the packages that were just packed, and takes all else from
/// what was restored for this build. It goes with the test, and so does what it had restored.
/// </summary>
internal sealed class FreshProject : IDisposable
{
    private static readonly string[] Framework = ["Microsoft.NET.Test.Sdk", "xunit", "xunit.runner.visualstudio"];

    private readonly string _folder = Directory.CreateTempSubdirectory("gossipdb-fresh-").FullName;

    /// <param name="packages">Where the packages lie.</param>
    /// <param name="references">What it references of them, each with its version.</param>
    /// <param name="sources">The folder with its code.</param>
    public FreshProject(string packages, IEnumerable<(string Name, string Version)> references, string sources)
    {
        Write("nuget.config", Sources(packages));
        var pinned = XDocument.Load(Path.Combine(SourceTree.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(static each => each.Attribute("Include")!.Value, static each => each.Attribute("Version")!.Value);
        var all = references.Concat(Framework.Select(name => (Name: name, Version: pinned[name])))
            .Select(static one => $"""<PackageReference Include="{one.Name}" Version="{one.Version}" />""");
        Write("Fresh.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                {string.Join("\n    ", all)}
              </ItemGroup>
            </Project>
            """);
        foreach (var file in Directory.GetFiles(sources, "*.cs")) File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
    }

    /// <summary>Builds it and runs its tests, as <c>dotnet test</c> does: all that was printed. That a test fails is an error.</summary>
    public string Test() => Program.Run(
        _folder,
        "dotnet",
        ["test", "-c", "Release", "--nologo", "-p:UseSharedCompilation=false", "--logger", "console;verbosity=detailed"],
        ("NUGET_PACKAGES", Path.Combine(_folder, "packages")),
        // Its nodes are those of the package.
        ("GOSSIPDB_TESTING_NODE", ""));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A nuget.config: what is of the house is taken from a folder, and all else from what was restored for this build.</summary>
    internal static string Sources(string packages) => $"""
        <configuration>
          <packageSources>
            <clear />
            <add key="packed" value="{packages}" />
            <add key="restored" value="{Restored()}" />
          </packageSources>
          <packageSourceMapping>
            <packageSource key="packed"><package pattern="Gossipdb.*" /></packageSource>
            <packageSource key="restored"><package pattern="*" /></packageSource>
          </packageSourceMapping>
        </configuration>
        """;

    // What was restored lies as in a source of packages.
    private static string Restored() => Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } given
        ? given
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);
}

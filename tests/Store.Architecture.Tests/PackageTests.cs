using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Xml.Linq;

namespace Gossipdb.Architecture.Tests;

/// <summary>What is published, looked into: packed once for all tests of the collection.</summary>
[Collection(PackedCollection.Name)]
public sealed class PackageTests(PackageTests.Packed packed)
{
    internal const string Version = "0.1.0";
    private static readonly string[] Both = ["net8.0", "net10.0"];

    /// <summary>Each package, the frameworks that it is for, and what it depends on.</summary>
    private static readonly Dictionary<string, (string[] Frameworks, string[] DependsOn)> Packages = new()
    {
        ["Gossipdb.Crdt"] = (["net10.0"], ["System.IO.Hashing"]),
        ["Gossipdb.Client"] = (Both,
        [
            "Google.Protobuf", "Grpc.Net.Client", "Microsoft.Bcl.Memory", "Microsoft.Extensions.Configuration.Abstractions",
            "Microsoft.Extensions.DependencyInjection.Abstractions", "Microsoft.Extensions.Diagnostics.HealthChecks",
            "Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.Options", "System.IO.Hashing",
        ]),
        // What the client depends on is named too, since the versions of transitive packages are pinned.
        ["Gossipdb.AspNetCore"] = (Both,
        [
            "Google.Protobuf", "Gossipdb.Client", "Grpc.Net.Client", "Microsoft.Bcl.Memory",
            "Microsoft.Extensions.Configuration.Abstractions", "Microsoft.Extensions.DependencyInjection.Abstractions",
            "Microsoft.Extensions.Diagnostics.HealthChecks", "Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.Options",
            "System.IO.Hashing",
        ]),
    };

    public static TheoryData<string> Names => [.. Packages.Keys];

    [Fact]
    public void Nothing_else_is_published() => Assert.Equal(
        Packages.Keys.Order(StringComparer.Ordinal),
        SourceTree.All.Where(IsPublished).Select(static project => project.AssemblyName).Order(StringComparer.Ordinal));

    private static bool IsPublished(Project project) =>
        File.ReadAllText(Path.Combine(project.Folder, project.Name + ".csproj")).Contains("Package.props", StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_package_has_all_that_somebody_who_finds_it_needs(string name)
    {
        using var package = packed.Open($"{name}.{Version}.nupkg");
        var files = package.Entries.Select(static entry => entry.FullName).ToList();
        Assert.Contains("README.md", files);
        Assert.Contains("LICENSE", files);
        Assert.Contains("icon.png", files);
        foreach (var framework in Packages[name].Frameworks)
        {
            Assert.Contains($"lib/{framework}/{name}.dll", files);
            Assert.Contains($"lib/{framework}/{name}.xml", files);
        }

        var about = Nuspec(package, name);
        Assert.Equal(("expression", "Apache-2.0"), (Of("license").Attribute("type")!.Value, Of("license").Value));
        Assert.Equal(("README.md", "icon.png"), (Of("readme").Value, Of("icon").Value));
        Assert.Contains("gossipdb", Of("tags").Value.Split(' '));
        Assert.True(Of("description").Value.Length > 60);

        XElement Of(string what) => about.Elements().Single(each => each.Name.LocalName == what);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_package_depends_on_what_is_published_and_on_nothing_else_of_the_house(string name)
    {
        using var package = packed.Open($"{name}.{Version}.nupkg");
        var dependencies = Nuspec(package, name).Descendants().Where(static each => each.Name.LocalName == "dependency")
            .Select(static each => each.Attribute("id")!.Value).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(Packages[name].DependsOn, dependencies);
        Assert.Equal(
            Packages[name].Frameworks.Length,
            package.Entries.Count(static entry => entry.FullName.EndsWith(".dll", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Symbols_come_along_and_no_machine_shows(string name)
    {
        using var symbols = packed.Open($"{name}.{Version}.snupkg");
        using var package = packed.Open($"{name}.{Version}.nupkg");
        foreach (var framework in Packages[name].Frameworks)
        {
            Assert.NotNull(symbols.GetEntry($"lib/{framework}/{name}.pdb"));
            using var dll = package.GetEntry($"lib/{framework}/{name}.dll")!.Open();
            using var content = new MemoryStream();
            dll.CopyTo(content);
            Assert.True(content.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(SourceTree.Root)) < 0, "the path it was built at");
        }
    }

    internal static XElement Nuspec(ZipArchive package, string name)
    {
        using var text = package.GetEntry($"{name}.nuspec")!.Open();
        return XDocument.Load(text).Root!.Elements().Single();
    }

    public sealed class Packed : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("gossipdb-packages-").FullName;

        public Packed()
        {
            foreach (var name in Packages.Keys)
            {
                var project = SourceTree.Production.Single(project => project.AssemblyName == name);
                var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
                foreach (var word in (string[])["pack", project.Folder, "-c", "Release", "-o", _folder, "--nologo", "-v", "quiet"])
                    start.ArgumentList.Add(word);
                // What was built with the solution is packed as it is; else it is built, by no server that others wait for.
                var isBuilt = Packages[name].Frameworks.All(framework =>
                    File.Exists(Path.Combine(project.Folder, "bin", "Release", framework, name + ".dll")));
                start.ArgumentList.Add(isBuilt ? "--no-build" : "-p:UseSharedCompilation=false");
                start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
                using var packing = Process.Start(start)!;
                var said = packing.StandardOutput.ReadToEndAsync();
                var wrong = packing.StandardError.ReadToEndAsync();
                if (!packing.WaitForExit(TimeSpan.FromMinutes(5)))
                {
                    packing.Kill(entireProcessTree: true);
                    throw new TimeoutException($"dotnet pack of {name} does not end");
                }

                if (packing.ExitCode != 0) throw new InvalidOperationException($"dotnet pack of {name}: {said.Result}{wrong.Result}");
            }
        }

        /// <summary>Where the packages lie.</summary>
        public string Folder => _folder;

        public ZipArchive Open(string file) => ZipFile.OpenRead(Path.Combine(_folder, file));

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}

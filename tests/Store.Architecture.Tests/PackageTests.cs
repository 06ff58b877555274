using System.IO.Compression;
using System.Text;
using System.Xml.Linq;

namespace Gossipdb.Architecture.Tests;

/// <summary>What is published, looked into: packed once for all tests of the collection.</summary>
[Collection(PackedCollection.Name)]
public sealed class PackageTests(PackageTests.Packed packed)
{
    internal const string Version = "0.1.0";
    private const string Testing = "Gossipdb.Testing";
    private static readonly string[] Both = ["net8.0", "net10.0"];

    /// <summary>What else of the house lies in the package of the tests: it is no package of its own.</summary>
    private static readonly string[] Inside = ["Gossipdb.Checking.dll", "Gossipdb.Lab.dll", "Gossipdb.LocalCluster.dll"];

    /// <summary>Each package, the frameworks that it is for, and what it depends on.</summary>
    internal static readonly Dictionary<string, (string[] Frameworks, string[] DependsOn)> Packages = new()
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
        [Testing] = (["net10.0"],
        [
            "Google.Protobuf", "Gossipdb.Client", "Grpc.Net.Client", "Microsoft.Extensions.Configuration.Abstractions",
            "Microsoft.Extensions.DependencyInjection.Abstractions", "Microsoft.Extensions.Diagnostics.HealthChecks",
            "Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.Options", "System.IO.Hashing", "YamlDotNet",
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
            Packages[name].Frameworks.SelectMany(_ => (string[])[name + ".dll", .. name == Testing ? Inside : []]).Order(),
            package.Entries.Where(static entry => entry.FullName.StartsWith("lib/", StringComparison.Ordinal)
                && entry.Name.EndsWith(".dll", StringComparison.Ordinal)).Select(static entry => entry.Name).Order());
    }

    [Fact]
    public void The_package_of_the_tests_has_the_node_and_asks_for_its_own_version_of_the_client()
    {
        using var package = packed.Open($"{Testing}.{Version}.nupkg");
        var files = package.Entries.Select(static entry => entry.FullName).ToList();
        Assert.Contains("node/gossipdb.dll", files);
        Assert.Contains("node/gossipdb.runtimeconfig.json", files);
        Assert.Contains("buildTransitive/Gossipdb.Testing.targets", files);
        foreach (var system in (string[])["linux-x64", "linux-musl-x64", "osx-arm64", "win-x64"])
            Assert.Contains(files, file => file.StartsWith($"node/runtimes/{system}/native/", StringComparison.Ordinal));

        // Compilers see the package's own assembly alone, and none of those it is made of.
        Assert.Equal(
            [$"ref/net10.0/{Testing}.dll", $"ref/net10.0/{Testing}.xml"],
            files.Where(static file => file.StartsWith("ref/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        var client = Nuspec(package, Testing).Descendants()
            .Single(static each => each.Name.LocalName == "dependency" && each.Attribute("id")!.Value == "Gossipdb.Client");
        Assert.Equal($"[{Version}]", client.Attribute("version")!.Value);
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

    [Fact]
    public void A_project_of_somebody_else_runs_its_tests_with_the_package_and_nothing_else()
    {
        using var shop = new FreshProject(packed.Folder, [(Testing, Version)], Path.Combine(SourceTree.Root, "samples", "Shop"));
        var output = shop.Test();
        Assert.Contains("Passed Shop.StockTests.A_bounded_counter_sells_each_piece_once", output, StringComparison.Ordinal);
        Assert.Contains("Passed Shop.StockTests.A_number_in_a_register_sells_pieces_twice", output, StringComparison.Ordinal);
        Assert.Contains("Two sold the same", output, StringComparison.Ordinal);
    }

    internal static XElement Nuspec(ZipArchive package, string name)
    {
        using var text = package.GetEntry($"{name}.nuspec")!.Open();
        return XDocument.Load(text).Root!.Elements().Single();
    }

    public sealed class Packed : IDisposable
    {
        private static readonly string NodeLibrary = Path.Combine(
            SourceTree.Root, "src", "Store.Node", "bin", "Release", "net10.0", "gossipdb.dll");

        private readonly string _folder = Directory.CreateTempSubdirectory("gossipdb-packages-").FullName;

        public Packed()
        {
            foreach (var name in Packages.Keys)
            {
                var project = SourceTree.Production.Single(project => project.AssemblyName == name);
                var isBuilt = Packages[name].Frameworks.All(framework =>
                    File.Exists(Path.Combine(project.Folder, "bin", "Release", framework, name + ".dll")))
                    && (name != Testing || File.Exists(NodeLibrary));
                Program.Pack(project.Folder, isBuilt, _folder);
            }
        }

        /// <summary>Where the packages lie.</summary>
        public string Folder => _folder;

        public ZipArchive Open(string file) => ZipFile.OpenRead(Path.Combine(_folder, file));

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}

using System.Collections.Immutable;
using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Xml.Linq;

namespace Gossipdb.Architecture.Tests;

/// <summary>What is published, file by file, the tool among it.</summary>
[Collection(PackedCollection.Name)]
public sealed class PackageContentTests(PackageTests.Packed packed, PackedTool tool)
{
    private static readonly string[] Both = ["net8.0", "net10.0"];

    /// <summary>The libraries that hold one assembly, and the frameworks that they are for.</summary>
    private static readonly Dictionary<string, string[]> Libraries = new()
    {
        ["Gossipdb.Crdt"] = ["net10.0"],
        ["Gossipdb.Client"] = Both,
        ["Gossipdb.AspNetCore"] = Both,
    };

    public static TheoryData<string> Names => [.. Libraries.Keys];

    public static TheoryData<string> All => [.. PackageTests.Packages.Keys, PackedTool.Name];

    [Theory]
    [MemberData(nameof(All))]
    public void A_package_says_what_somebody_who_finds_it_needs(string name)
    {
        using var package = Open(name);
        var about = PackageTests.Nuspec(package, name);

        Assert.Equal(("expression", "Apache-2.0"), (Of("license").Attribute("type")!.Value, Of("license").Value));
        Assert.Equal(("README.md", "icon.png"), (Of("readme").Value, Of("icon").Value));
        Assert.Equal((PackageTests.Version, "The Gossipdb authors"), (Of("version").Value, Of("authors").Value));
        Assert.Contains("gossipdb", Of("tags").Value.Split(' '));
        Assert.True(Of("description").Value.Length > 60);
        Assert.Equal("git", Of("repository").Attribute("type")!.Value);
        Assert.Equal(Of("projectUrl").Value + ".git", Of("repository").Attribute("url")!.Value);

        XElement Of(string what) => about.Elements().Single(each => each.Name.LocalName == what);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_library_holds_its_assembly_with_documentation_and_nothing_else(string name)
    {
        using var package = Open(name);
        var expected = Libraries[name]
            .SelectMany(framework => new[] { $"lib/{framework}/{name}.dll", $"lib/{framework}/{name}.xml" })
            .Concat([$"{name}.nuspec", "README.md", "LICENSE", "icon.png"]);

        Assert.Equal(expected.Order(StringComparer.Ordinal), FilesOf(package));
        Assert.All(Libraries[name], framework =>
        {
            using var text = package.GetEntry($"lib/{framework}/{name}.xml")!.Open();
            Assert.True(XDocument.Load(text).Descendants("summary").Count() > 5);
        });
    }

    /// <summary>The sources come along in the symbols, so that nobody has to fetch them to step into the client.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Symbols_hold_the_sources_and_no_machine_shows(string name)
    {
        using var symbols = packed.Open($"{name}.{PackageTests.Version}.snupkg");
        using var package = Open(name);
        foreach (var framework in Libraries[name])
        {
            var dll = Content(package, $"lib/{framework}/{name}.dll");
            Assert.True(dll.AsSpan().IndexOf(Encoding.UTF8.GetBytes(SourceTree.Root)) < 0, "the path it was built at");
            AssertDeterministic(dll);

            using var provider = MetadataReaderProvider.FromPortablePdbImage(
                ImmutableArray.Create(Content(symbols, $"lib/{framework}/{name}.pdb")));
            var pdb = provider.GetMetadataReader();
            var embedded = new Guid("0E8A571B-6926-466E-B4AD-8AB04611F5FE");
            Assert.NotEmpty(pdb.Documents);
            Assert.All(pdb.Documents, document =>
            {
                Assert.StartsWith("/_/", pdb.GetString(pdb.GetDocument(document).Name), StringComparison.Ordinal);
                Assert.Contains(
                    pdb.GetCustomDebugInformation(document),
                    each => pdb.GetGuid(pdb.GetCustomDebugInformation(each).Kind) == embedded);
            });
        }
    }

    [Fact]
    public void The_tool_brings_what_it_needs_for_every_system_and_no_tests()
    {
        using var package = Open(PackedTool.Name);
        var files = FilesOf(package);
        var about = PackageTests.Nuspec(package, PackedTool.Name);

        var type = about.Descendants().Single(static each => each.Name.LocalName == "packageType");
        Assert.Equal("DotnetTool", type.Attribute("name")!.Value);
        Assert.DoesNotContain(about.Descendants(), static each => each.Name.LocalName == "dependency");
        Assert.Equal(
            ["LICENSE", "README.md", NoticesTests.File, "gossipdb.nuspec", "icon.png"],
            files.Where(static file => !file.StartsWith("tools/net10.0/any/", StringComparison.Ordinal)));
        var house = files.Select(Path.GetFileName).Where(static file => file!.EndsWith(".dll", StringComparison.Ordinal))
            .Where(static file => file!.StartsWith("Gossipdb.", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(
            ["Gossipdb.Checking.dll", "Gossipdb.Cli.dll", "Gossipdb.Client.dll", "Gossipdb.Crdt.dll", "Gossipdb.Lab.dll",
             "Gossipdb.LocalCluster.dll", "Gossipdb.Replication.dll", "gossipdb.dll"],
            house);
        Assert.DoesNotContain(files, static file => file.Contains("xunit", StringComparison.OrdinalIgnoreCase)
            || file.EndsWith(".cs", StringComparison.Ordinal) || file.Contains("appsettings", StringComparison.Ordinal));
        foreach (var system in (string[])["linux-x64", "linux-arm64", "osx-arm64", "win-x64"])
            Assert.Contains(files, file => file.StartsWith($"tools/net10.0/any/runtimes/{system}/native/", StringComparison.Ordinal));
        foreach (var file in package.Entries.Where(entry => house.Contains(entry.Name)))
        {
            var dll = Content(package, file.FullName);
            Assert.True(dll.AsSpan().IndexOf(Encoding.UTF8.GetBytes(SourceTree.Root)) < 0, $"{file.Name} holds the path it was built at");
            AssertDeterministic(dll);
        }
    }

    private ZipArchive Open(string name) =>
        name == PackedTool.Name ? tool.Open() : packed.Open($"{name}.{PackageTests.Version}.nupkg");

    private static void AssertDeterministic(byte[] dll)
    {
        using var image = new PEReader(ImmutableArray.Create(dll));
        Assert.Contains(image.ReadDebugDirectory(), static entry => entry.Type == DebugDirectoryEntryType.Reproducible);
    }

    /// <summary>The files of a package, but for those that its container is made of.</summary>
    private static List<string> FilesOf(ZipArchive package) =>
        [.. package.Entries.Select(static entry => entry.FullName)
            .Where(static file => file is not "[Content_Types].xml" and not "_rels/.rels")
            .Where(static file => !file.StartsWith("package/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];

    /// <summary>What a file of a package holds.</summary>
    internal static byte[] Content(ZipArchive package, string file)
    {
        var entry = package.GetEntry(file);
        Assert.True(entry is not null, $"there is no {file}");
        using var stream = entry.Open();
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}

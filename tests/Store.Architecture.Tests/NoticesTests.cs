using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Gossipdb.Architecture.Tests;

/// <summary>The notices of third parties name all that is packed and nothing else. `build/notices.py` makes them.</summary>
[Collection(PackedCollection.Name)]
public sealed partial class NoticesTests(PackageTests.Packed packed, PackedTool tool)
{
    public const string File = "THIRD-PARTY-NOTICES.txt";

    /// <summary>What no package says: what is inside a package, and in the dashboard.</summary>
    private static readonly string[] Others = ["Netty (Apache-2.0)", "SQLite (public domain)", "uPlot (MIT)"];

    [Fact]
    public void The_tool_names_each_package_in_it_with_its_licence()
    {
        using var package = tool.Open();
        AssertNamed(package, "tools/net10.0/any/gossipdb.deps.json");
    }

    [Fact]
    public void The_package_of_the_tests_names_each_package_that_is_in_its_node_with_its_licence()
    {
        using var package = packed.Open($"Gossipdb.Testing.{PackageTests.Version}.nupkg");
        AssertNamed(package, "node/gossipdb.deps.json");
    }

    private static void AssertNamed(ZipArchive package, string dependencies)
    {
        var notices = Text(package, File);
        var named = Entry().Matches(notices).Select(static match => match.Groups[1].Value).ToList();
        var shipped = PackagesIn(Text(package, dependencies)).Select(static each => $"{each.Id} ({LicenceOf(each.Id, each.Version)})");

        Assert.Equal(shipped.Concat(Others).Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    /// <summary>The packages of which a file is there, by the list that .NET starts the program with.</summary>
    private static IEnumerable<(string Id, string Version)> PackagesIn(string dependencies)
    {
        using var list = JsonDocument.Parse(dependencies);
        var libraries = list.RootElement.GetProperty("libraries");
        foreach (var package in list.RootElement.GetProperty("targets").EnumerateObject().Single().Value.EnumerateObject())
        {
            var isPackage = libraries.GetProperty(package.Name).GetProperty("type").GetString() == "package";
            var hasFiles = package.Value.EnumerateObject().Any(static kind => kind.Name is "runtime" or "native" or "runtimeTargets");
            if (isPackage && hasFiles) yield return (package.Name.Split('/')[0], package.Name.Split('/')[1]);
        }
    }

    /// <summary>The licence that a package names, which lies where it was restored to.</summary>
    private static string LicenceOf(string id, string version)
    {
        using var assets = JsonDocument.Parse(
            System.IO.File.ReadAllText(Path.Combine(SourceTree.ProjectOf("Store.Node").Folder, "obj", "project.assets.json")));
        var name = id.ToLowerInvariant();
        var about = assets.RootElement.GetProperty("packageFolders").EnumerateObject()
            .Select(folder => Path.Combine(folder.Name, name, version, name + ".nuspec")).First(System.IO.File.Exists);
        return XDocument.Load(about).Descendants().Single(static each => each.Name.LocalName == "license").Value;
    }

    private static string Text(ZipArchive package, string file) => Encoding.UTF8.GetString(PackageContentTests.Content(package, file));

    // A name and a licence, and whose it is in the line below.
    [GeneratedRegex(@"^(\S+ \([^)\n]+\))\n    \S", RegexOptions.Multiline)]
    private static partial Regex Entry();
}

using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Gossipdb.Architecture.Tests;

/// <summary>What is installed without a build stays possible. The publishing itself takes minutes: build/publish.sh.</summary>
public sealed partial class PublishingTests
{
    private static readonly XDocument Executable = XDocument.Load(Path.Combine(SourceTree.Root, "src", "Store.Node", "Store.Node.csproj"));

    [Theory]
    [InlineData("PublishSingleFile", "true")]
    [InlineData("SelfContained", "true")]
    [InlineData("PublishReadyToRunComposite", "false")]
    [InlineData("IncludeNativeLibrariesForSelfExtract", "false")]
    public void An_archive_is_one_file_that_unpacks_nothing(string property, string value) => Assert.Equal(
        value,
        Executable.Descendants(property)
            .Single(static element => element.Parent!.Attribute("Condition")?.Value == "'$(Archive)' == 'true'").Value);

    [Fact]
    public void What_is_published_is_compiled_ahead_of_time_but_for_the_tool_that_runs_anywhere()
    {
        var ahead = Executable.Descendants("PublishReadyToRun").ToList();

        Assert.Equal("true", ahead[0].Value);
        Assert.Equal(("false", "'$(_IsPacking)' == 'true'"), (ahead[1].Value, ahead[1].Attribute("Condition")?.Value));
        Assert.Equal("true", Executable.Descendants("PackAsTool").Single().Value);
        Assert.Equal("gossipdb", Executable.Descendants("ToolCommandName").Single().Value);
    }

    [Fact]
    public void The_script_makes_the_tool_and_an_archive_for_each_of_four_systems()
    {
        var script = File.ReadAllText(Path.Combine(SourceTree.Root, "build", "publish.sh"));

        Assert.Contains("set -- tool packages linux-x64 linux-arm64 osx-arm64 win-x64", script, StringComparison.Ordinal);
        Assert.Contains("-p:Archive=true", script, StringComparison.Ordinal);
        Assert.All(
            FilesOf().Matches(script).Select(static match => match.Value),
            static file => Assert.True(
                File.Exists(Path.Combine(SourceTree.Root, file)) || Directory.Exists(Path.Combine(SourceTree.Root, file)), file));
    }

    [Fact]
    public void An_archive_holds_the_licences_of_all_that_is_in_it()
    {
        var script = File.ReadAllText(Path.Combine(SourceTree.Root, "build", "publish.sh"));
        var ofDotnet = Executable.Descendants("Target")
            .Single(static target => target.Attribute("Name")!.Value == "PublishNoticesOfDotnet");

        Assert.Contains($"install -m 644 LICENSE {NoticesTests.File} ", script, StringComparison.Ordinal);
        Assert.Contains("find dotnet -type f -exec install ", script, StringComparison.Ordinal);
        Assert.Equal("'$(Archive)' == 'true'", ofDotnet.Attribute("Condition")!.Value);
    }

    [Fact]
    public void Nothing_asks_where_an_assembly_lies_which_is_nowhere_in_a_single_file() => Assert.All(
        Directory.GetFiles(Path.Combine(SourceTree.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(static path => !path.Split(Path.DirectorySeparatorChar).Contains("obj")),
        static path => Assert.DoesNotMatch(@"Assembly\b[^;\n]*\)!?\.Location\b", File.ReadAllText(path)));

    [GeneratedRegex(@"\b(hocon|deploy|src)/[a-zA-Z./]+[a-zA-Z]")]
    private static partial Regex FilesOf();
}

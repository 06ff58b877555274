using System.Text.RegularExpressions;

namespace Gossipdb.Architecture.Tests;

/// <summary>What a page leads to is there: the file, and the place in it. Addresses in the world are not asked.</summary>
public sealed partial class LinkTests
{
    public static TheoryData<string> Pages => [.. Page.All.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_lead_to_something(string path)
    {
        var page = Page.All[path];
        Rule.Holds(path, page.Links.Where(static link => link.IsOfTheRepository).Select(link => WrongWith(page, link)).OfType<string>());
    }

    /// <summary>A file that is named in a page's text, as <c>src/Store.Client/Protos/gossipdb.proto</c> is.</summary>
    [Theory]
    [MemberData(nameof(Pages))]
    public void Files_that_are_named_are_there(string path) => Rule.Holds(path, Page.All[path].Code
        .Where(static code => FileOf().IsMatch(code.Target) && !Exists(code.Target))
        .Select(static code => $"line {code.Line}: there is no {code.Target}"));

    /// <summary>A registry shows a package's page beside no other file.</summary>
    [Fact]
    public void The_page_of_a_package_leads_to_addresses_alone() => Assert.All(
        Page.All.Values.Where(static page => page.Path.StartsWith("src/", StringComparison.Ordinal)),
        static page => Assert.DoesNotContain(page.Links, static link => link.IsOfTheRepository));

    [Theory]
    [InlineData("[gone](gone.md)", "line 1: there is no docs/gone.md")]
    [InlineData("text\n\n![gone](images/gone.png)", "line 3: there is no docs/images/gone.png")]
    [InlineData("[where](#nowhere)", "line 1: docs/page.md has no #nowhere")]
    [InlineData("[where](../README.md#nowhere)", "line 1: README.md has no #nowhere")]
    [InlineData("[up](../../outside.md)", "line 1: ../../outside.md is outside of the repository")]
    public void A_link_to_nothing_is_found(string text, string expected)
    {
        var page = Page.Parse("docs/page.md", text);
        Assert.Equal(expected, WrongWith(page, page.Links.Single()));
    }

    [Theory]
    [InlineData("## It's `up`: a_b, c-d\n\n[here](#its-up-a_b-c-d)")]
    [InlineData("# Twice\n\n# Twice\n\n[second](#twice-1)")]
    [InlineData("<a id=\"case-3\"></a>\n## 3. Three\n\n[here](#case-3)")]
    [InlineData("[a file](install.md#containers)")]
    [InlineData("[a folder](decisions)")]
    public void A_link_to_something_is_left_alone(string text)
    {
        var page = Page.Parse("docs/page.md", text);
        Assert.Null(WrongWith(page, page.Links.Single()));
    }

    private static string? WrongWith(Page page, Link link)
    {
        var (file, anchor) = link.Target.Split('#', 2) switch { [var one, var two] => (one, two), var all => (all[0], null) };
        var path = file.Length == 0 ? page.Path : Combine(page.Path, Uri.UnescapeDataString(file));
        if (path is null) return $"line {link.Line}: {file} is outside of the repository";
        if (path != page.Path && !Exists(path)) return $"line {link.Line}: there is no {path}";
        if (anchor is null) return null;
        var target = path == page.Path ? page : Page.All.GetValueOrDefault(path);
        return target is null || target.Anchors.Contains(anchor) ? null : $"line {link.Line}: {path} has no #{anchor}";
    }

    private static bool Exists(string path) => Path.Exists(Path.Combine(SourceTree.Root, path));

    private static string? Combine(string page, string file)
    {
        var full = Path.Combine(SourceTree.Root, Path.GetDirectoryName(page)!, file);
        var path = Path.GetRelativePath(SourceTree.Root, full).Replace('\\', '/');
        return path == ".." || path.StartsWith("../", StringComparison.Ordinal) ? null : path;
    }

    // With a dot in its last part, or with a slash at its end; what has a star or a space is no single file.
    [GeneratedRegex(@"^(docs|src|tests|samples|bench|build|deploy|hocon|\.ci|\.config|\.github)/[\w./-]*(\.\w+|/)$")]
    private static partial Regex FileOf();
}

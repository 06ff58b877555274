namespace Gossipdb.Architecture.Tests;

/// <summary>The documentation's site: every page is in its navigation, and it is made without a warning.</summary>
public sealed class SiteTests
{
    private static readonly string Navigation = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "toc.yml"));

    [Fact]
    public void Every_page_can_be_navigated_to() => Rule.Holds(
        "docs/toc.yml", Page.All.Keys.Where(static path => path.StartsWith("docs/", StringComparison.Ordinal) && path.Count('/') == 1)
            .Select(static path => path["docs/".Length..])
            .Where(static page => !Navigation.Contains($"href: {page}\n", StringComparison.Ordinal)));

    [Fact]
    public void Every_decision_is_in_the_list_of_decisions()
    {
        var listed = Page.All["docs/decisions/README.md"].Links.Select(static link => link.Target);
        var there = Page.All.Keys.Where(static path => path.StartsWith("docs/decisions/", StringComparison.Ordinal))
            .Select(static path => Path.GetFileName(path)!).Where(static page => page != "README.md");
        Assert.Equal(there.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    /// <summary>Links, anchors and names of types are docfx's to check; it takes what the build has made.</summary>
    [Fact]
    public void The_site_is_made_without_a_warning()
    {
        var site = Directory.CreateTempSubdirectory("gossipdb-site-").FullName;
        try
        {
            Program.Run(SourceTree.Root, "bash", ["build/site.sh", "--no-build"], ("SITE", site));
            string[] some = ["index.html", "docs/client.html", "api/Gossipdb.Client.GossipdbClient.html", "docs/icon.png", "index.json"];
            Assert.All(some, page => Assert.True(File.Exists(Path.Combine(site, page)), page));
        }
        finally
        {
            Directory.Delete(site, recursive: true);
        }
    }
}

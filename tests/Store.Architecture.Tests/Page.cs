using System.Text.RegularExpressions;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Gossipdb.Architecture.Tests;

/// <summary>A page of Markdown: where its links lead, what in it can be led to, and which files its text names.</summary>
internal sealed partial record Page(string Path, IReadOnlyList<Link> Links, IReadOnlySet<string> Anchors, IReadOnlyList<Link> Code)
{
    // Anchors are made as GitHub makes them; docfx makes the same.
    private static readonly MarkdownPipeline Markdown = new MarkdownPipelineBuilder()
        .UsePipeTables().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).UsePreciseSourceLocation().Build();

    /// <summary>All pages of the repository, by their paths within it.</summary>
    public static IReadOnlyDictionary<string, Page> All { get; } = Files().Select(Read).ToDictionary(static page => page.Path);

    private static IEnumerable<string> Files()
    {
        string[] folders = ["docs", "src", "samples", "bench", "build", "deploy", ".github"];
        return folders.Select(static folder => System.IO.Path.Combine(SourceTree.Root, folder)).Where(Directory.Exists)
            .SelectMany(static folder => Directory.GetFiles(folder, "*.md", SearchOption.AllDirectories))
            .Concat(Directory.GetFiles(SourceTree.Root, "*.md"))
            .Select(static file => System.IO.Path.GetRelativePath(SourceTree.Root, file).Replace('\\', '/'))
            .Where(static path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal));
    }

    private static Page Read(string path) => Parse(path, File.ReadAllText(System.IO.Path.Combine(SourceTree.Root, path)));

    public static Page Parse(string path, string text)
    {
        var document = Markdig.Markdown.Parse(text, Markdown);
        var ids = document.Descendants<HtmlBlock>().Select(static block => block.Lines.ToString())
            .Concat(document.Descendants<HtmlInline>().Select(static inline => inline.Tag))
            .SelectMany(static html => IdOf().Matches(html)).Select(static match => match.Groups[1].Value);
        var headings = document.Descendants<HeadingBlock>().Select(static heading => heading.GetAttributes().Id ?? "");
        return new Page(
            path,
            [.. document.Descendants<LinkInline>().Select(static link => new Link(link.Line + 1, link.Url ?? "", link.IsImage))],
            ids.Concat(headings).ToHashSet(StringComparer.Ordinal),
            [.. document.Descendants<CodeInline>().Select(static code => new Link(code.Line + 1, code.Content, IsImage: false))]);
    }

    [GeneratedRegex(@"\bid=""([^""]+)""")]
    private static partial Regex IdOf();
}

/// <summary>What a line of a page leads to, or names.</summary>
internal sealed record Link(int Line, string Target, bool IsImage)
{
    // Names of types (xref:) are held against the assemblies when the site is made.
    public bool IsOfTheRepository => !Target.Contains("://", StringComparison.Ordinal)
        && !Target.StartsWith("mailto:", StringComparison.Ordinal) && !Target.StartsWith("xref:", StringComparison.Ordinal);
}

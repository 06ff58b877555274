using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Gossipdb.Architecture.Tests;

/// <summary>The code in the part of docs/client.md that begins with nothing.</summary>
internal static class PageBlocks
{
    private const string First = "From nothing";
    private const string Next = "Connect";

    /// <summary>The blocks of a language, in their order.</summary>
    public static IReadOnlyList<string> Of(string language)
    {
        var page = Markdown.Parse(File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "client.md")));
        return [.. page.SkipWhile(static block => !IsHeading(block, First)).TakeWhile(static block => !IsHeading(block, Next))
            .OfType<FencedCodeBlock>().Where(block => block.Info == language).Select(static block => block.Lines.ToString())];
    }

    private static bool IsHeading(Block block, string text) =>
        block is HeadingBlock { Inline.FirstChild: LiteralInline literal } && literal.Content.ToString() == text;
}

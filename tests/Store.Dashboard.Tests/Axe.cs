using PuppeteerSharp;

namespace Gossipdb.Dashboard.Tests;

/// <summary>The rules of WCAG 2.2, levels A and AA, and good practice, as axe-core knows them.</summary>
internal static class Axe
{
    private static readonly string Source = Read();

    /// <summary>What breaks them, a line for each element; empty where nothing does.</summary>
    public static async Task<string> ProblemsAsync(IPage page)
    {
        await page.EvaluateExpressionAsync(Source);
        return await page.EvaluateFunctionAsync<string>("""
            async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
                .flatMap(one => one.nodes.map(node =>
                    `${one.id}: ${node.html.slice(0, 160)}: ${node.failureSummary.replaceAll("\n", " ")}`))
                .join("\n")
            """);
    }

    private static string Read()
    {
        using var reader = new StreamReader(typeof(Axe).Assembly.GetManifestResourceStream("axe.min.js")!);
        return reader.ReadToEnd();
    }
}

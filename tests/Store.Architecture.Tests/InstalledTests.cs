using System.Net.Http.Json;
using Markdig;
using Markdig.Syntax;

namespace Gossipdb.Architecture.Tests;

/// <summary>What a new user does, word for word as docs/client.md has it, with the packages as they are published.</summary>
[Collection(PackedCollection.Name)]
public sealed class InstalledTests(PackageTests.Packed packed, PackedTool tool)
{
    private readonly Installed _installed = tool.InstalledBeside(packed.Folder);

    [Fact]
    public void The_tool_runs_from_where_it_was_installed()
    {
        Assert.StartsWith(PackageTests.Version, Program.Run(packed.Folder, _installed.Tool, ["--version"]), StringComparison.Ordinal);
        string[] words = ["counter", "incr", "of-the-tool", "--endpoint", _installed.Endpoint.ToString()];
        Assert.StartsWith("ok", Program.Run(packed.Folder, _installed.Tool, words), StringComparison.Ordinal);
    }

    /// <summary>The assembly for .NET 8 is run, too: by the runtime that is there, where that is a later one.</summary>
    [Theory]
    [InlineData("net10.0")]
    [InlineData("net8.0")]
    public void The_console_program_of_the_page_runs(string framework)
    {
        var name = "hello-" + framework;
        var output = _installed.Build(name, "Microsoft.NET.Sdk", framework, "Gossipdb.Client", ("Program.cs", Blocks("csharp")[0]));

        var said = Program.Run(output, "dotnet", [name + ".dll"], ("DOTNET_ROLL_FORWARD", "Major"));

        Assert.Matches("^run [0-9]+, cart: apple\r?\n$", said);
        var built = Path.Combine(SourceTree.ProjectOf("Store.Client").Folder, "bin", "Release", framework, "Gossipdb.Client.dll");
        Assert.Equal(File.ReadAllBytes(built), File.ReadAllBytes(Path.Combine(output, "Gossipdb.Client.dll")));
    }

    [Fact]
    public async Task The_web_application_of_the_page_runs()
    {
        var output = _installed.Build(
            "shop", "Microsoft.NET.Sdk.Web", "net10.0", "Gossipdb.AspNetCore",
            ("Program.cs", Blocks("csharp")[1]), ("appsettings.json", Blocks("json")[0]));
        var address = new Uri($"http://127.0.0.1:{Installed.FreePort()}/");
        using var shop = Program.Guarded(
            output, "dotnet", ["shop.dll", "--urls", address.ToString()], ("DOTNET_ENVIRONMENT", "Production"));
        try
        {
            using var visitor = new HttpClient { BaseAddress = address };
            await Installed.WaitForAsync(visitor, "health", shop);
            Assert.Equal("Healthy", await visitor.GetStringAsync("health"));
            Assert.Equal("1", await (await visitor.PostAsync("hits", null)).Content.ReadAsStringAsync());
            using var added = await visitor.PostAsync("cart/ann/apple", null);
            Assert.Contains(added.Headers.GetValues("Set-Cookie"), static cookie => cookie.Contains("ossipdb", StringComparison.Ordinal));
            Assert.Equal(["apple"], (await visitor.GetFromJsonAsync<string[]>("cart/ann"))!);
            using var ordered = await visitor.PostAsync("orders/7", null);
            Assert.True(ordered.IsSuccessStatusCode);
        }
        finally
        {
            shop.Kill(entireProcessTree: true);
        }
    }

    /// <summary>The blocks of a language in the part of the page that begins with nothing.</summary>
    private static List<string> Blocks(string language)
    {
        var page = Markdown.Parse(File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "client.md")));
        return [.. page.SkipWhile(static block => !IsHeading(block, "From nothing")).TakeWhile(static block => !IsHeading(block, "Connect"))
            .OfType<FencedCodeBlock>().Where(block => block.Info == language).Select(static block => block.Lines.ToString())];
    }

    private static bool IsHeading(Block block, string text) =>
        block is HeadingBlock { Inline.FirstChild: Markdig.Syntax.Inlines.LiteralInline literal } && literal.Content.ToString() == text;
}

using System.Net.Http.Json;

namespace Gossipdb.Architecture.Tests;

/// <summary>What a new user does, word for word as docs/client.md has it, with the packages as they are published.</summary>
[Collection(PackedCollection.Name)]
public sealed class InstalledTests(Installed installed, PackageTests.Packed packed) : IClassFixture<Installed>
{
    [Fact]
    public void The_tool_runs_from_where_it_was_installed()
    {
        Assert.Equal($"gossipdb {PackageTests.Version}", installed.Run(installed.Tool, "--version").TrimEnd());
        var said = installed.Run(installed.Tool, "counter", "incr", "of-the-tool", "--endpoint", installed.Endpoint);
        Assert.StartsWith("ok, acked by node 1", said, StringComparison.Ordinal);
    }

    [Fact]
    public void The_console_program_of_the_page_counts_its_runs()
    {
        var program = installed.Built("hello", "hello.dll");
        Assert.Equal("run 1, cart: apple", installed.Run("dotnet", program).TrimEnd());
        Assert.Equal("run 2, cart: apple", installed.Run("dotnet", program).TrimEnd());
    }

    [Fact]
    public async Task The_web_application_of_the_page_answers_what_the_page_says()
    {
        var (process, address) = installed.StartShop();
        using (process)
        {
            using var visitor = new HttpClient { BaseAddress = address };
            Assert.Equal("Healthy", await visitor.GetStringAsync("health"));
            Assert.Equal("1", await (await visitor.PostAsync("hits", null)).Content.ReadAsStringAsync());
            using var added = await visitor.PostAsync("cart/ann/apple", null);
            Assert.Contains(added.Headers.GetValues("Set-Cookie"), static cookie => cookie.Contains("ossipdb", StringComparison.Ordinal));
            Assert.Equal(["apple"], (await visitor.GetFromJsonAsync<string[]>("cart/ann"))!);
            using var ordered = await visitor.PostAsync("orders/7", null);
            Assert.True(ordered.IsSuccessStatusCode);
        }

        var orders = installed.Run(installed.Tool, "set", "members", "orders", "--endpoint", installed.Endpoint);
        Assert.StartsWith("7", orders, StringComparison.Ordinal);
    }

    /// <summary>Nothing that some cache has under the same version took the place of what was packed.</summary>
    [Theory]
    [InlineData("hello", "Gossipdb.Client")]
    [InlineData("shop", "Gossipdb.AspNetCore")]
    public void Applications_have_the_assemblies_that_were_packed(string application, string assembly)
    {
        using var package = packed.Open($"{assembly}.{PackageTests.Version}.nupkg");
        using var content = new MemoryStream();
        using (var stream = package.GetEntry($"lib/net10.0/{assembly}.dll")!.Open()) stream.CopyTo(content);
        Assert.Equal(content.ToArray(), File.ReadAllBytes(installed.Built(application, assembly + ".dll")));
    }
}

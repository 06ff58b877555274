using System.Net;
using Gossipdb.Client.Tests.Fakes;

namespace Gossipdb.AspNetCore.Tests;

/// <summary>What a visitor has seen goes along from request to request, and nothing else does.</summary>
public sealed class SessionTests
{
    private const string Cookie = "gossipdb-session";
    private const string Header = "Gossipdb-Session";

    [Fact]
    public async Task A_visitor_goes_on_at_another_web_server_and_a_stranger_begins_anew()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var one = await ShopApplication.StartAsync(cluster);
        await using var two = await ShopApplication.StartAsync(cluster);
        var visitor = new Visitor();

        var added = await visitor.GetAsync(one, "/add/cart");
        var write = cluster[1].Requests.Last();
        await visitor.GetAsync(two, "/get/cart");
        var read = cluster[1].Requests.Last();
        await new Visitor().GetAsync(two, "/get/cart");

        Assert.Null(write.Token);
        Assert.Equal((long)write.Id, read.Token.Entries.Single().Sequence);
        Assert.Null(cluster[1].Requests.Last().Token);
        var set = added.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", set, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", set, StringComparison.OrdinalIgnoreCase);
        Assert.True(added.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task A_request_that_uses_no_session_sets_no_cookie()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var shop = await ShopApplication.StartAsync(cluster);
        Assert.False((await new Visitor().GetAsync(shop, "/nothing")).Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task A_cookie_that_was_tampered_with_counts_as_none_and_is_replaced()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var shop = await ShopApplication.StartAsync(cluster);
        await using var stranger = await ShopApplication.StartAsync(cluster, keys: "others");
        var visitor = new Visitor();
        await visitor.GetAsync(shop, "/add/cart");
        var good = visitor.Token!;

        foreach (var wrong in (string[])[good[..^4] + "AAAA", "x", "", new string('A', 9_000), "!!"])
        {
            visitor.Token = wrong;
            await visitor.GetAsync(shop, "/get/cart");
            Assert.Null(cluster[1].Requests.Last().Token);
        }

        visitor.Token = good;
        await visitor.GetAsync(stranger, "/get/cart");
        Assert.Null(cluster[1].Requests.Last().Token);
        Assert.NotEqual(good, visitor.Token);

        visitor.Token = "x";
        Assert.Contains(
            "expires=Thu, 01 Jan 1970",
            (await visitor.GetAsync(shop, "/nothing")).Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_carries_it_for_programs_and_one_that_cannot_be_read_is_refused()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var shop = await ShopApplication.StartAsync(
            cluster, static options => (options.Header, options.Cookie) = (Header, null));
        using var program = new HttpClient { BaseAddress = shop.Address };

        var added = await program.GetAsync(new Uri("/add/cart", UriKind.Relative));
        var write = cluster[1].Requests.Last();
        program.DefaultRequestHeaders.Add(Header, added.Headers.GetValues(Header).Single());
        await program.GetAsync(new Uri("/get/cart", UriKind.Relative));
        Assert.Equal((long)write.Id, cluster[1].Requests.Last().Token.Entries.Single().Sequence);
        Assert.False(added.Headers.Contains("Set-Cookie"));

        program.DefaultRequestHeaders.Remove(Header);
        program.DefaultRequestHeaders.Add(Header, "tampered");
        var before = cluster[1].Requests.Count;
        var refused = await program.GetAsync(new Uri("/get/cart", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains(Header, await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(before, cluster[1].Requests.Count);
    }

    [Fact]
    public async Task A_token_stays_within_its_bound_and_keeps_what_changed_last()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var shop = await ShopApplication.StartAsync(cluster, static options => options.MaxTokenBytes = 512);
        var visitor = new Visitor();

        await visitor.GetAsync(shop, "/many/40");
        Assert.InRange(visitor.Token!.Length, 300, 512);
        await visitor.GetAsync(shop, "/add/cart");
        var write = cluster[1].Requests.Last();
        await visitor.GetAsync(shop, "/get/cart");

        Assert.InRange(visitor.Token!.Length, 300, 512);
        Assert.Equal((long)write.Id, cluster[1].Requests.Last().Token.Entries.Single().Sequence);
    }

    [Fact]
    public async Task Options_that_make_no_sense_are_refused_at_start()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        var wrong = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            ShopApplication.StartAsync(cluster, static options => options.MaxTokenBytes = 10));
        Assert.Equal("The option MaxTokenBytes is not from 512 to 16384.", wrong.Message);
    }

    // A browser, as far as one cookie goes.
    private sealed class Visitor
    {
        public string? Token { get; set; }

        public async Task<HttpResponseMessage> GetAsync(ShopApplication application, string path)
        {
            using var handler = new HttpClientHandler { UseCookies = false };
            using var browser = new HttpClient(handler);
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(application.Address, path));
            if (Token is not null) request.Headers.Add("Cookie", $"{Cookie}={Token}");
            var response = await browser.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            if (response.Headers.TryGetValues("Set-Cookie", out var cookies))
                Token = cookies.Single().Split(';')[0][(Cookie.Length + 1)..];
            return response;
        }
    }
}

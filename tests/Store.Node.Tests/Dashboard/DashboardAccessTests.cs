using System.Net;
using Gossipdb.Node.Server;
using Gossipdb.Node.Tests.Hosting;
using Microsoft.AspNetCore.Routing;

namespace Gossipdb.Node.Tests.Dashboard;

/// <summary>The dashboard of a node where callers must log in.</summary>
public sealed class DashboardAccessTests(SecuredNode shared) : IClassFixture<SecuredNode>, IDisposable
{
    private readonly Browser _browser = new(shared.Node);

    public void Dispose() => _browser.Dispose();

    [Fact]
    public void Every_call_of_a_page_has_a_rule()
    {
        var calls = shared.Node.Part<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(static endpoint => endpoint.RoutePattern.RawText!)
            .Where(static path => path.StartsWith(CallRules.DashboardData, StringComparison.Ordinal)).ToList();

        Assert.True(calls.Count >= 8);
        Assert.All(calls, static path => Assert.True(CallRules.Has(path), path));
        Assert.Equal(CallRule.Admin, CallRules.Of("/DASHBOARD/api/of-no-rule"));
        Assert.Equal(CallRule.Admin, CallRules.Of("/Dashboard/Api/keys"));
    }

    [Fact]
    public async Task Without_a_login_there_is_the_page_and_nothing_else()
    {
        using var page = await _browser.GetAsync("/dashboard/");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        foreach (var path in (string[])["session", "cluster", "keys", "key?key=mine-1", "watch?key=mine-1", "nonsense"])
        {
            using var answer = await _browser.GetAsync($"/dashboard/api/{path}");
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);

            // The browser's own dialog would stand before the page's form.
            Assert.Empty(answer.Headers.WwwAuthenticate);
        }

        using var change = await _browser.PostAsync("/dashboard/api/change", new { key = "mine-1" });
        Assert.Equal(HttpStatusCode.Unauthorized, change.StatusCode);
    }

    [Fact]
    public async Task A_login_is_a_cookie_that_scripts_and_other_sites_do_not_have()
    {
        using var wrong = await _browser.PostAsync("/dashboard/api/login", new { user = "alice", password = "something else" });
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.False(wrong.Headers.Contains("Set-Cookie"));
        using var right = await _browser.PostAsync("/dashboard/api/login", new { user = "alice", password = SecuredNode.Password });
        Assert.Equal(HttpStatusCode.NoContent, right.StatusCode);
        var cookie = right.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; path=/dashboard", cookie, StringComparison.OrdinalIgnoreCase);

        _browser.Cookie = cookie[..cookie.IndexOf(';', StringComparison.Ordinal)];
        var session = await _browser.JsonAsync("/dashboard/api/session");
        Assert.Equal(("alice", false), (session.GetProperty("user").GetString(), session.GetProperty("operates").GetBoolean()));
        using var elsewhere = await _browser.PostAsync("/dashboard/api/change", Change("mine-1"), "http://evil.example");
        Assert.Equal(HttpStatusCode.Forbidden, elsewhere.StatusCode);

        // The cookie counts for the dashboard alone.
        using var beside = await _browser.GetAsync("/whoami");
        Assert.Equal(HttpStatusCode.Unauthorized, beside.StatusCode);
    }

    [Fact]
    public async Task A_user_sees_and_changes_what_that_user_may()
    {
        await LogInAsync("alice");
        using (var mine = await _browser.PostAsync("/dashboard/api/change", Change("mine-2")))
            Assert.True((await Browser.JsonOfAsync(mine)).GetProperty("done").GetBoolean());
        Assert.Single((await _browser.JsonAsync("/dashboard/api/keys?prefix=mine-2")).GetProperty("keys").EnumerateArray());

        using var theirs = await _browser.PostAsync("/dashboard/api/change", Change("theirs-2"));
        using var all = await _browser.GetAsync("/dashboard/api/keys");
        using var key = await _browser.GetAsync("/dashboard/api/key?key=theirs-2");
        using var watch = await _browser.GetAsync("/dashboard/api/watch?key=theirs-2");
        using var cluster = await _browser.GetAsync("/dashboard/api/cluster");
        foreach (var (answer, right) in new[]
        {
            (theirs, "write on theirs-2"), (all, "read on *"), (key, "read on theirs-2"), (watch, "read on theirs-2"), (cluster, "admin"),
        })
        {
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Contains($"alice lacks the right {right}", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_admin_sees_the_cluster()
    {
        await LogInAsync("admin");
        await foreach (var (_, data) in _browser.EventsAsync("/dashboard/api/cluster"))
        {
            var node = Assert.Single(data.GetProperty("nodes").EnumerateArray());
            Assert.False(node.TryGetProperty("problem", out var problem), problem.ToString());
            break;
        }

        // There are no faults to be told where none can be injected.
        using var faults = await _browser.PostAsync("/dashboard/api/faults", new { });
        Assert.Equal(HttpStatusCode.NotFound, faults.StatusCode);
    }

    private static object Change(string key) => new { key, type = "counter", action = "add", value = "1", node = 1, level = "one" };

    private async Task LogInAsync(string user)
    {
        using var answer = await _browser.PostAsync("/dashboard/api/login", new { user, password = SecuredNode.Password });
        var cookie = answer.Headers.GetValues("Set-Cookie").Single();
        _browser.Cookie = cookie[..cookie.IndexOf(';', StringComparison.Ordinal)];
    }
}

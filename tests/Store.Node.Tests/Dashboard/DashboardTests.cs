using System.Net;
using System.Text.RegularExpressions;
using Gossipdb.Node.Dashboard;
using Gossipdb.Node.Tests.Hosting;

namespace Gossipdb.Node.Tests.Dashboard;

/// <summary>The dashboard of a node that asks nobody who they are.</summary>
public sealed partial class DashboardTests(DashboardNode shared) : IClassFixture<DashboardNode>, IDisposable
{
    private readonly Browser _browser = new(shared.Node);

    [GeneratedRegex("(?:src|href)=\"([^\"#]+)\"|from \"\\./([^\"]+)\"")]
    private static partial Regex References();

    public void Dispose() => _browser.Dispose();

    [Fact]
    public async Task The_page_and_all_it_refers_to_come_from_the_node_and_no_script_stands_in_it()
    {
        using var root = await _browser.GetAsync("/");
        Assert.Equal((HttpStatusCode.Redirect, "/dashboard/"), (root.StatusCode, root.Headers.Location?.ToString()));
        var waiting = new Queue<string>(["/dashboard/"]);
        var seen = new HashSet<string>();
        while (waiting.TryDequeue(out var path))
        {
            if (!seen.Add(path)) continue;
            using var file = await _browser.GetAsync(path);
            Assert.True(file.StatusCode == HttpStatusCode.OK, $"{path}: {file.StatusCode}");
            Assert.Contains("script-src 'self'", file.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.Equal("DENY", file.Headers.GetValues("X-Frame-Options").Single());
            Assert.Equal("nosniff", file.Headers.GetValues("X-Content-Type-Options").Single());
            var text = await file.Content.ReadAsStringAsync();
            Assert.DoesNotContain("<script>", text, StringComparison.Ordinal);
            Assert.DoesNotContain("style=\"", text, StringComparison.Ordinal);
            foreach (Match reference in References().Matches(text))
            {
                var to = reference.Groups[1].Success ? reference.Groups[1].Value : $"/dashboard/{reference.Groups[2].Value}";
                Assert.StartsWith("/dashboard/", to, StringComparison.Ordinal);
                waiting.Enqueue(to);
            }
        }

        string[] some = ["/dashboard/app.js", "/dashboard/lab.js", "/dashboard/uplot.js", "/dashboard/style.css"];
        Assert.Superset(some.ToHashSet(), seen);
    }

    [Fact]
    public async Task A_browser_that_has_a_file_is_not_sent_it_again()
    {
        using var first = await _browser.GetAsync("/dashboard/app.js");
        using var again = await _browser.GetAsync("/dashboard/app.js", headers => headers.IfNoneMatch.Add(first.Headers.ETag!));

        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        using var none = await _browser.GetAsync("/dashboard/uplot.LICENSE");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Theory]
    [InlineData(null, "application/json")]
    [InlineData("http://evil.example", "application/json")]
    [InlineData("null", "application/json")]
    [InlineData("", "text/plain")]
    public async Task What_does_not_come_from_a_page_of_the_node_changes_nothing(string? origin, string type)
    {
        foreach (var path in (string[])["change", "faults", "order", "run", "end-run", "login", "logout"])
        {
            using var answer = await _browser.PostAsync($"/dashboard/api/{path}", Add("origin", "1"), origin, type);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }

        var seen = await _browser.JsonAsync("/dashboard/api/key?key=origin");
        Assert.False(seen.GetProperty("nodes")[0].TryGetProperty("value", out _));
    }

    [Fact]
    public async Task Pages_of_others_read_nothing_neither_by_another_name_of_the_host_nor_by_another_port()
    {
        using var renamed = await _browser.GetAsync("/dashboard/api/keys", static headers => headers.Host = "evil.example");
        using var beside = await _browser.GetAsync("/dashboard/api/keys", static headers => headers.Add("Sec-Fetch-Site", "same-site"));
        using var own = await _browser.GetAsync("/dashboard/api/keys", static headers => headers.Add("Sec-Fetch-Site", "same-origin"));

        Assert.Equal(
            (HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.OK),
            (renamed.StatusCode, beside.StatusCode, own.StatusCode));
    }

    [Fact]
    public async Task What_a_page_sends_is_bounded_and_must_be_what_is_wanted()
    {
        using var large = await _browser.PostAsync("/dashboard/api/change", Add("k", new string('x', Gate.MaxBodyBytes)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        foreach (var body in (object[])
            [
                new[] { 1 }, new { key = "k" }, Add("k", "much"), Add("k", "1", "tree"), Add("k", "1", node: 9),
                Add("k", "1", level: "most"), new { key = "k", node = 1, level = "one", action = "explode" },
            ])
        {
            using var wrong = await _browser.PostAsync("/dashboard/api/change", body);
            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
            Assert.Contains("error", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        foreach (var path in (string[])["key", "key?id=%21", "key?key=k&at=x", "keys?after=77.", "keys?after=x"])
        {
            using var wrong = await _browser.GetAsync($"/dashboard/api/{path}");
            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        }
    }

    [Fact]
    public async Task A_key_is_changed_found_and_shown_as_its_replica_holds_it()
    {
        using var made = await _browser.PostAsync("/dashboard/api/change", Add("shown:é", "pear", "set"));
        var told = await Browser.JsonOfAsync(made);
        Assert.True(told.GetProperty("done").GetBoolean(), told.ToString());
        Assert.Equal("acked by node 1 (W=one)", told.GetProperty("text").GetString());

        var listed = await _browser.JsonAsync("/dashboard/api/keys?prefix=shown%3A");
        var key = Assert.Single(listed.GetProperty("keys").EnumerateArray());
        Assert.Equal(("shown:é", "set"), (key.GetProperty("text").GetString(), key.GetProperty("type").GetString()));
        var seen = await _browser.JsonAsync($"/dashboard/api/key?id={key.GetProperty("id").GetString()}");
        var replica = Assert.Single(seen.GetProperty("nodes").EnumerateArray());
        Assert.Equal("pear", replica.GetProperty("value").GetProperty("items")[0].GetString());
        var held = Assert.Single(replica.GetProperty("objects").EnumerateArray());
        Assert.StartsWith("pear  {", held.GetProperty("lines")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(replica.GetProperty("replica").GetString(), held.GetProperty("lastChange")[0].GetProperty("replica").GetString());
    }

    [Fact]
    public async Task Keys_come_page_by_page_each_once()
    {
        for (var i = 0; i < 25; i++)
        {
            using var made = await _browser.PostAsync("/dashboard/api/change", Add($"paged:{i}", "1"));
        }

        var (found, after) = (new List<string>(), "");
        do
        {
            var page = await _browser.JsonAsync($"/dashboard/api/keys?prefix=paged%3A&limit=4&after={after}");
            found.AddRange(page.GetProperty("keys").EnumerateArray().Select(static key => key.GetProperty("text").GetString()!));
            after = page.TryGetProperty("next", out var next) ? next.GetString()! : "";
        }
        while (after.Length > 0);

        Assert.Equal(Enumerable.Range(0, 25).Select(static i => $"paged:{i}").Order(), found.Order());
    }

    [Fact]
    public async Task A_stream_tells_of_the_cluster_and_nodes_are_asked_only_while_somebody_looks()
    {
        var poll = shared.Node.Part<ClusterPoll>();
        var kinds = new List<string>();
        await foreach (var (kind, data) in _browser.EventsAsync("/dashboard/api/cluster"))
        {
            kinds.Add(kind);
            if (kind == "cluster")
            {
                var node = Assert.Single(data.GetProperty("nodes").EnumerateArray());
                Assert.True(node.GetProperty("ready").GetBoolean());
                Assert.True(poll.IsLooking);
            }

            if (kind == "partitions") Assert.Equal(4, data.GetProperty("parts").GetArrayLength());

            // Partitions that have not changed are not told again: once the last test's writes are everywhere, none have.
            if (kind == "live" && kinds[^2] == "cluster") break;
            Assert.True(kinds.Count < 60, "the partitions change all the time");
        }

        Assert.Equal(["cluster", "partitions", "live"], kinds.Where(static one => one != "happened").Take(3));
        await Poll.UntilAsync(() => Task.FromResult(!poll.IsLooking), "nobody looks");
    }

    [Fact]
    public async Task What_clients_ask_is_told_by_level()
    {
        await foreach (var (kind, data) in _browser.EventsAsync("/dashboard/api/cluster"))
        {
            using var made = await _browser.PostAsync("/dashboard/api/change", Add("counted", "1"));
            if (kind != "live") continue;
            var rows = data.EnumerateArray().SelectMany(static point => point.GetProperty("rows").EnumerateArray());
            var writes = rows.Where(static row => row.GetProperty("write").GetBoolean() && row.GetProperty("level").GetString() == "one");
            if (writes.FirstOrDefault() is not { ValueKind: System.Text.Json.JsonValueKind.Object } row) continue;
            Assert.True(row.GetProperty("rate").GetDouble() > 0);
            Assert.True(row.GetProperty("p50").GetInt64() is > 0 and var p50 && row.GetProperty("p99").GetInt64() >= p50);
            return;
        }
    }

    [Fact]
    public async Task A_watched_key_is_told_again_when_it_changes()
    {
        var seen = 0;
        await foreach (var (_, data) in _browser.EventsAsync("/dashboard/api/watch?key=watched"))
        {
            var node = data.GetProperty("nodes")[0];
            if (seen++ == 0)
            {
                Assert.False(node.TryGetProperty("value", out _));
                using var made = await _browser.PostAsync("/dashboard/api/change", Add("watched", "7"));
                continue;
            }

            Assert.Equal("7", node.GetProperty("value").GetProperty("text").GetString());
            return;
        }
    }

    [Fact]
    public async Task Streams_are_bounded_and_one_that_ends_makes_room()
    {
        var open = new List<HttpResponseMessage>();
        try
        {
            for (var i = 0; i < Streams.MostOfKeys; i++) open.Add(await _browser.OpenAsync("/dashboard/api/watch?key=many"));
            using var refused = await _browser.OpenAsync("/dashboard/api/watch?key=many");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        }
        finally
        {
            open.ForEach(static one => one.Dispose());
        }

        await Poll.UntilAsync(async () =>
        {
            using var again = await _browser.OpenAsync("/dashboard/api/watch?key=many");
            return again.StatusCode == HttpStatusCode.OK;
        }, "there is room again");
    }

    [Fact]
    public async Task Faults_are_told_to_the_nodes_and_those_that_make_no_sense_are_refused()
    {
        object Slow(int node) => new { disks = new[] { new { node, full = false, slowMs = 1.5 } } };
        using (var told = await _browser.PostAsync("/dashboard/api/faults", Slow(1)))
            Assert.Empty((await Browser.JsonOfAsync(told)).GetProperty("missing").EnumerateObject());
        Assert.Equal(1.5, (await shared.Node.Admin.FaultsAsync()).Disks.Single().Slow.TotalMilliseconds);
        using var unknown = await _browser.PostAsync("/dashboard/api/faults", Slow(7));
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
        Assert.Contains("no node 7", await unknown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var healed = await _browser.PostAsync("/dashboard/api/faults", new { });
        Assert.True((await shared.Node.Admin.FaultsAsync()).IsEmpty);
    }

    [Fact]
    public async Task A_node_without_a_dashboard_or_without_faults_serves_none()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path, "gossipdb.dashboard = off");
        using var browser = new Browser(node);

        foreach (var path in (string[])["/", "/dashboard/", "/dashboard/api/session"])
        {
            using var answer = await browser.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    private static object Add(string key, string value, string type = "counter", int node = 1, string level = "one") =>
        new { key, type, action = "add", value, node, level };
}

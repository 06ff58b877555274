using System.Text.Json;

namespace Gossipdb.Dashboard.Tests;

/// <summary>The dashboard in a real browser, on three real nodes.</summary>
public sealed class DashboardTests(DashboardCluster shared) : IClassFixture<DashboardCluster>
{
    private const string SideA = "[aria-label='side A']";
    private const string SideB = "[aria-label='side B']";
    private const string All = "[aria-label='all nodes']";

    [SkippableFact]
    public async Task A_cut_that_is_drawn_parts_a_key_into_two_values_which_merge_after_the_heal()
    {
        Skip.IfNot(DashboardCluster.HasBrowser, DashboardCluster.Missing);
        await using var looker = await shared.LookAsync("#lab");
        await looker.UntilSaysAsync(".head", "nothing is wrong");

        await looker.DragAsync("#chip-1", ".side.free");
        await looker.UntilSaysAsync(".head", "cut into 2 sides");
        await WriteAsync(SideA, "fig");
        await WriteAsync(SideB, "kiwi");
        await looker.UntilSaysAsync(".panel", "the sides differ");
        Assert.Equal("fig", await ItemsAsync(SideA));
        Assert.Equal("kiwi", await ItemsAsync(SideB));

        await looker.ClickAsync(".panel", "Heal everything");
        await looker.UntilAsync($"document.querySelectorAll(\".side-card{All} .items li\").length === 2", "both values are there");
        Assert.Equal("fig kiwi", await ItemsAsync(All));
        await looker.UntilSaysAsync(".panel", "all replicas agree");

        // It was seen by all pages that were open, and is told in words.
        await looker.Page.EvaluateExpressionAsync("location.hash = '#live'");
        await looker.UntilSaysAsync(".feed", "faults in force: 1 / 2,3 cut");
        await looker.UntilSaysAsync(".feed", "all faults are mended");
        Assert.Empty(looker.Complaints);

        async Task WriteAsync(string side, string value)
        {
            await looker.TypeAsync($".side-card{side} input", value);
            await looker.ClickAsync($".side-card{side}", "Add");
            await looker.UntilSaysAsync($".side-card{side} .message", "acked by node");
            await looker.UntilSaysAsync($".side-card{side} .items", value);
        }

        Task<string> ItemsAsync(string side) => looker.Page.EvaluateExpressionAsync<string>(
            $"[...document.querySelectorAll(\".side-card{side} .items li\")].map(one => one.textContent).join(' ')");
    }

    [SkippableTheory]
    [InlineData("lab", $".side-card{All}")]
    [InlineData("keys", "[aria-label='Change the key']")]
    public async Task Who_types_keeps_the_place_while_the_page_tells_what_others_change(string page, string form)
    {
        Skip.IfNot(DashboardCluster.HasBrowser, DashboardCluster.Missing);
        await using var looker = await shared.LookAsync($"#{page}");
        await using var other = await shared.LookAsync($"#{page}");
        foreach (var one in (Looker[])[looker, other])
        {
            if (page == "keys")
            {
                await (await one.Page.WaitForSelectorAsync("summary")).ClickAsync();
                await one.TypeAsync("details input", "typed");
                await one.Page.SelectAsync("details select", "set");
                await one.ClickAsync("details", "Open");
            }
            else
            {
                // A key of its own: another test looks at the usual one.
                await one.Page.EvaluateExpressionAsync("sessionStorage.setItem('lab-key', 'typed in the lab')");
                await one.Page.ReloadAsync();
            }

            await one.UntilSaysAsync(".panel", "replicas agree");
        }

        await looker.TypeAsync($"{form} input", "pome");
        await other.TypeAsync($"{form} input", "quince");
        await other.ClickAsync(form, "Add");
        await looker.UntilSaysAsync(".items", "quince");
        await looker.Page.Keyboard.TypeAsync("granate");

        Assert.Equal(
            "pomegranate", await looker.Page.EvaluateExpressionAsync<string>($"document.querySelector(\"{form} input\").value"));
    }

    [SkippableFact]
    public async Task A_node_is_cut_off_and_brought_back_by_keys_alone()
    {
        Skip.IfNot(DashboardCluster.HasBrowser, DashboardCluster.Missing);
        await using var looker = await shared.LookAsync("#lab");
        await looker.UntilSaysAsync(".head", "nothing is wrong");

        await looker.Page.FocusAsync("#chip-2");
        await looker.Page.Keyboard.PressAsync("ArrowRight");
        await looker.UntilSaysAsync(".head", "cut into 2 sides");
        await looker.UntilAsync("document.activeElement.id === 'chip-2'", "the node that was moved has the focus still");
        await looker.Page.Keyboard.PressAsync("ArrowLeft");
        await looker.UntilSaysAsync(".head", "nothing is wrong");
    }

    [SkippableFact]
    public async Task A_node_is_killed_and_started_and_another_paused_and_healed_by_clicks()
    {
        Skip.IfNot(DashboardCluster.HasBrowser, DashboardCluster.Missing);
        await using var looker = await shared.LookAsync("#lab");
        await looker.UntilSaysAsync("#process-3", "ready");
        await looker.UntilSaysAsync("#process-1", "serves this page");
        await looker.UntilSaysAsync(".head", "nothing is wrong");

        await looker.ClickAsync("#process-3", "Kill");
        await looker.UntilSaysAsync("#process-3", "killed");
        await looker.UntilSaysAsync(".head", "1 node in trouble");
        await looker.ClickAsync("#process-3", "Start");
        await looker.UntilSaysAsync("#process-3", "ready");

        await looker.ClickAsync("#process-2", "Pause");
        await looker.UntilSaysAsync("#process-2", "paused");
        await looker.ClickAsync(".panel", "Heal everything");
        await looker.UntilSaysAsync("#process-2", "ready");
        await looker.UntilSaysAsync(".head", "nothing is wrong");
        Assert.Empty(looker.Complaints);
    }

    [SkippableFact]
    public async Task A_scenario_runs_in_the_cluster_to_its_verdict_and_a_second_one_must_wait()
    {
        Skip.IfNot(DashboardCluster.HasBrowser, DashboardCluster.Missing);
        const string name = "read-your-writes"; // the shortest that fits three nodes
        await using var looker = await shared.LookAsync("#lab");
        await looker.UntilSaysAsync("#scenario", name);
        await looker.Page.SelectAsync("#scenario", "bridge");
        await looker.UntilSaysAsync(".scenario-page", "it is about 5 nodes");
        await looker.Page.SelectAsync("#scenario", name);
        await looker.ClickAsync(".panel", "Run it");
        await looker.UntilSaysAsync(".run-events", "link 1 / 2 / 3 --delay 20ms");

        var second = await looker.Page.EvaluateFunctionAsync<string>("""
            async () => (await fetch("/dashboard/api/run", {
                method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ scenario: "cap" }),
            })).text()
            """);
        Assert.Contains($"somebody at node 1's dashboard runs {name} now", ErrorOf(second), StringComparison.Ordinal);
        await looker.UntilAsync("document.querySelector('#run-verdict, .run .message.bad')", "the run is over", patienceMs: 120_000);
        Assert.Equal(
            "", await looker.Page.EvaluateExpressionAsync<string>("document.querySelector('.run .message.bad')?.textContent ?? ''"));
        await looker.UntilSaysAsync(".verdicts", "lost-writes");
        Assert.Equal("", await Axe.ProblemsAsync(looker.Page));

        // It has left nothing wrong, and its keys apart from all others.
        await looker.UntilSaysAsync(".head", "nothing is wrong");
        var report = await looker.Page.EvaluateFunctionAsync<string>(
            "async () => (await fetch(document.querySelector('.run a').href)).text()");
        Assert.Contains("</html>", report, StringComparison.Ordinal);
        var keys = await looker.Page.EvaluateFunctionAsync<string>(
            $"async () => (await fetch('/dashboard/api/keys?prefix=lab:{name}-')).text()");
        Assert.Contains($"\"lab:{name}-", keys, StringComparison.Ordinal);

        // What the browser says of the answer to the second one.
        Assert.All(looker.Complaints, static one => Assert.Contains("409", one, StringComparison.Ordinal));

        static string ErrorOf(string json) => JsonDocument.Parse(json).RootElement.GetProperty("error").GetString()!;
    }

    [SkippableFact]
    public async Task A_key_is_made_and_changed_at_a_chosen_node_and_level_and_every_replica_shows_it()
    {
        Skip.IfNot(DashboardCluster.HasBrowser, DashboardCluster.Missing);
        const string change = "[aria-label='Change the key']";
        await using var looker = await shared.LookAsync("#keys");
        await looker.UntilSaysAsync("main", "Choose a key");
        await (await looker.Page.WaitForSelectorAsync("summary")).ClickAsync();
        await looker.TypeAsync("details input", "page:home");
        await looker.ClickAsync("details", "Open");
        await looker.UntilSaysAsync(".key-title", "page:home");
        await looker.Page.SelectAsync($"{change} label:nth-child(1) select", "2");
        await looker.Page.SelectAsync($"{change} label:nth-child(2) select", "all");
        await looker.Page.EvaluateExpressionAsync("document.querySelector(\"input[aria-label='Amount']\").value = '41'");
        await looker.ClickAsync(change, "Add");
        await looker.UntilSaysAsync($"{change} .message", "(W=all)");

        await looker.UntilAsync(
            "[...document.querySelectorAll('.replica .big')].map(one => one.textContent).join() === '41,41,41'", "every replica shows it");
        await looker.UntilSaysAsync(".keylist", "page:home");
        Assert.Empty(looker.Complaints);
    }

    public static TheoryData<string, bool, int> Pages
    {
        get
        {
            var pages = new TheoryData<string, bool, int>();
            foreach (var page in (string[])["cluster", "live", "keys", "lab"])
            {
                foreach (var width in (int[])[1_280, 400])
                {
                    pages.Add(page, false, width);
                    pages.Add(page, true, width);
                }
            }

            return pages;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Pages))]
    public async Task Every_page_is_accessible_and_fits(string page, bool dark, int width)
    {
        Skip.IfNot(DashboardCluster.HasBrowser, DashboardCluster.Missing);
        await using var looker = await shared.LookAsync($"#{page}", dark, width);
        await looker.UntilAsync(
            "document.querySelectorAll('main .panel').length > 1 && !/Asking/.test(document.body.innerText)", "it is shown");

        Assert.Equal(width, await looker.Page.EvaluateExpressionAsync<int>("document.documentElement.scrollWidth"));
        Assert.Equal("", await Axe.ProblemsAsync(looker.Page));
        Assert.Empty(looker.Complaints);
    }

    [SkippableFact]
    public async Task What_is_not_accessible_is_found()
    {
        Skip.IfNot(DashboardCluster.HasBrowser, DashboardCluster.Missing);
        await using var looker = await shared.LookAsync("#keys");
        await looker.UntilSaysAsync("main", "Choose a key");
        await looker.Page.EvaluateExpressionAsync("document.querySelector('main input').removeAttribute('aria-label')");
        await looker.Page.EvaluateExpressionAsync("document.querySelector('main input').removeAttribute('placeholder')");

        Assert.Contains("label", await Axe.ProblemsAsync(looker.Page), StringComparison.Ordinal);
    }
}

using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Serialization;

namespace Gossipdb.Node.Tests.Telemetry;

/// <summary>The dashboard for Grafana and the alerts for Prometheus, in deploy/.</summary>
public sealed partial class AlertTests
{
    private static readonly string Files = Path.Combine(AppContext.BaseDirectory, "deploy");
    private static readonly string Rules = Path.Combine(Files, "prometheus", "alerts.yml");

    [Theory]
    [InlineData("prometheus", "alerts.yml")]
    [InlineData("grafana", "gossipdb.json")]
    public void Every_metric_that_is_asked_for_exists(string folder, string file)
    {
        var known = MetricsPage.Listed.ToHashSet();
        var asked = Metric().Matches(File.ReadAllText(Path.Combine(Files, folder, file))).Select(static match => match.Value).Distinct()
            .ToList();

        Assert.True(asked.Count > 10);
        Assert.All(asked, name => Assert.True(known.Contains(Ending().Replace(name, string.Empty)) || known.Contains(name), name));
    }

    [Fact]
    public void Every_alert_says_what_happens_and_has_a_paragraph_that_says_what_to_do()
    {
        var runbook = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "operations.md"));
        var anchors = Heading().Matches(runbook).Select(static match => NotInAnchor().Replace(
            match.Groups[1].Value.ToLowerInvariant(), string.Empty).Replace(' ', '-')).ToHashSet();
        var alerts = Alerts().ToList();

        Assert.True(alerts.Count > 10);
        Assert.Equal(alerts.Select(static alert => alert.Name).Distinct(), alerts.Select(static alert => alert.Name));
        foreach (var (name, rule) in alerts)
        {
            var annotations = (Dictionary<object, object>)rule["annotations"];
            Assert.NotEmpty((string)annotations["summary"]);
            var url = (string)annotations["runbook_url"];
            Assert.StartsWith("https://", url, StringComparison.Ordinal);
            Assert.EndsWith($"docs/operations.md#{name.ToLowerInvariant()}", url, StringComparison.Ordinal);
            Assert.Contains(name.ToLowerInvariant(), anchors);
            Assert.Contains((string)((Dictionary<object, object>)rule["labels"])["severity"], (string[])["critical", "warning"]);
        }
    }

    [SkippableFact]
    public async Task Promtool_finds_nothing_wrong_in_the_rules()
    {
        Promtool.IsWanted();
        await Promtool.PassesAsync(Path.GetDirectoryName(Rules)!, null, "check", "rules", "alerts.yml");
    }

    [SkippableFact]
    public async Task Alerts_fire_when_they_should_and_not_before()
    {
        Promtool.IsWanted();
        await Promtool.PassesAsync(Path.GetDirectoryName(Rules)!, null, "test", "rules", "alerts.test.yml");
    }

    [Fact]
    public void The_dashboard_has_panels_that_do_not_overlap_and_all_ask_for_something()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Files, "grafana", "gossipdb.json")));
        var taken = new HashSet<(int X, int Y)>();
        foreach (var panel in dashboard.RootElement.GetProperty("panels").EnumerateArray())
        {
            var title = panel.GetProperty("title").GetString();
            var place = panel.GetProperty("gridPos");
            var (x, y) = (place.GetProperty("x").GetInt32(), place.GetProperty("y").GetInt32());
            for (var i = 0; i < place.GetProperty("w").GetInt32(); i++)
                for (var j = 0; j < place.GetProperty("h").GetInt32(); j++) Assert.True(taken.Add((x + i, y + j)) && x + i < 24, title);
            if (panel.GetProperty("type").GetString() != "row") Assert.NotEmpty(panel.GetProperty("targets").EnumerateArray());
        }
    }

    private static IEnumerable<(string Name, Dictionary<object, object> Rule)> Alerts()
    {
        var file = new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(File.ReadAllText(Rules));
        foreach (var group in ((List<object>)file["groups"]).Cast<Dictionary<object, object>>())
            foreach (var rule in ((List<object>)group["rules"]).Cast<Dictionary<object, object>>())
                if (rule.TryGetValue("alert", out var name)) yield return ((string)name, rule);
    }

    [GeneratedRegex(@"\b(gossipdb|dotnet)_[a-z0-9_]+\b")]
    private static partial Regex Metric();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Ending();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("[^a-z0-9 -]")]
    private static partial Regex NotInAnchor();
}

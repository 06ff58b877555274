using System.Net;
using System.Text.RegularExpressions;
using Gossipdb.Node.Tests.Hosting;

namespace Gossipdb.Node.Tests.Telemetry;

/// <summary>What Prometheus reads of real nodes.</summary>
public sealed partial class MetricsPageTests(ScrapedNodes nodes) : IClassFixture<ScrapedNodes>
{
    [SkippableFact]
    public async Task Promtool_finds_nothing_wrong()
    {
        Promtool.IsWanted();
        await Promtool.PassesAsync(AppContext.BaseDirectory, nodes.Together, "check", "metrics");
        await Promtool.PassesAsync(AppContext.BaseDirectory, nodes.Alone, "check", "metrics");
    }

    [Fact]
    public void The_documentation_lists_what_there_is_and_nothing_else()
    {
        var listed = MetricsPage.Listed;
        Assert.Equal(listed.Distinct(), listed);
        Assert.Equal(listed.Order(StringComparer.Ordinal), nodes.Names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_series_is_named_twice()
    {
        var series = nodes.Together.Split('\n').Where(static line => line.Length > 0 && line[0] != '#')
            .Select(static line => line[..line.LastIndexOf(' ')]).ToList();
        Assert.Equal(series.Distinct(), series);
    }

    [Fact]
    public void What_clients_asked_is_counted_by_level_and_kind()
    {
        // The client has divided its calls between the two.
        var calls = Value("gossipdb_calls_total{kind=\"write\",level=\"all\"}");
        Assert.InRange(calls, 1, 1_000);
        Assert.InRange(Value("gossipdb_call_duration_seconds_count{kind=\"write\",level=\"all\"}"), 1, calls);
        Assert.InRange(Value("gossipdb_call_duration_seconds_sum{kind=\"write\",level=\"all\"}"), 0.001, 1_000);
        Assert.Matches("gossipdb_call_errors_total{code=\"[A-Z][A-Za-z]+\",kind=\"write\",level=\"all\"} [1-9]", nodes.Alone);
    }

    [Fact]
    public void What_is_measured_is_told()
    {
        Assert.True(Value("gossipdb_journal_commit_duration_seconds_count{}") > 0);
        Assert.True(Value("gossipdb_journal_commit_events_sum{}") >= 50);
        Assert.Equal(4, Value("gossipdb_partitions{}"));
        Assert.Equal(50, Value("gossipdb_keys{}"));
        Assert.Equal(1, Value("gossipdb_ready{}"));
        Assert.Equal(1, Value("gossipdb_link_up{peer=\"2\"}"));
        Assert.Equal(64 << 20, Value("gossipdb_queue_limit_bytes{queue=\"requests\"}"));
        Assert.True(Value("gossipdb_certificate_end_time_seconds{setting=\"gossipdb.tls.certificate\"}") > 1.7e9);
    }

    [Fact]
    public void An_owner_that_is_away_is_seen_to_be_behind_and_holds_the_stable_cut_back()
    {
        Assert.True(ScrapedNodes.Value(nodes.Alone, "gossipdb_stable_cut_held_back_partitions{peer=\"2\"}") > 0);
        Assert.Contains("gossipdb_partition_lag_changes{partition=\"", nodes.Alone, StringComparison.Ordinal);
    }

    private double Value(string series) => ScrapedNodes.Value(nodes.Together, series);
}

/// <summary>The page that lists the metrics.</summary>
internal static partial class MetricsPage
{
    /// <summary>The names it lists.</summary>
    public static List<string> Listed { get; } =
    [
        .. Line().Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "metrics.md")))
            .Select(static match => match.Groups[1].Value),
    ];

    [GeneratedRegex(@"^\| `([a-z0-9_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Line();
}

/// <summary>Who may read metrics.</summary>
public sealed class MetricsAccessTests(SecuredNode shared) : IClassFixture<SecuredNode>
{
    [Fact]
    public async Task Where_callers_must_log_in_any_user_may_read_metrics_and_nobody_else()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, await ReadAsync(null));
        Assert.Equal(HttpStatusCode.OK, await ReadAsync(SecuredNode.Alice));
    }

    private async Task<HttpStatusCode> ReadAsync(string? authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{shared.Node.HttpPort}/metrics"));
        if (authorization is not null) request.Headers.Add("Authorization", authorization);
        using var answer = await shared.Node.Http.SendAsync(request);
        return answer.StatusCode;
    }
}

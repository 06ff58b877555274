using System.Text.Json;
using System.Text.RegularExpressions;
using Gossipdb.Checking.History;
using Gossipdb.Checking.Verdicts;
using Gossipdb.Lab.Reports;
using Gossipdb.Lab.Results;

namespace Gossipdb.Lab.Tests.Reports;

public sealed partial class ReportTests
{
    private const string Hostile =
        "</style></script><script>alert(1)</script><img src=https://evil.example/x onerror=alert(2)>\"'\u202e\u0000";

    [Fact]
    public void The_whole_of_a_small_report_has_the_structure_that_is_committed()
    {
        var html = Written(SyntheticRun.Records(), SyntheticRun.Results(isMet: false));
        var parts = Heading().Matches(html).Select(static match =>
            $"{match.Groups[1].Value}: {Plain(match.Groups[2].Value.Replace("</th><th", "</th> | <th"))}");
        Approved.Check("ReportStructure.approved.txt", string.Join('\n', parts) + "\n");
    }

    [Fact]
    public void A_report_fetches_nothing()
    {
        var html = Written(HostileRecords(), HostileResults());
        var tags = Tag().Matches(html).Select(static match => match.Value).ToList();
        Assert.NotEmpty(tags);
        var attributes = tags.SelectMany(static tag => Attribute().Matches(tag))
            .Select(static match => (Name: match.Groups[1].Value, Value: match.Groups[2].Value))
            .ToList();
        Assert.DoesNotContain(attributes, static one => Fetching().IsMatch(one.Name) || (one.Name == "href" && one.Value[0] != '#'));

        // Addresses stand in what is read aloud, and nowhere else among attributes.
        Assert.All(attributes.Where(static one => one.Value.Contains("http")), static one => Assert.Equal("aria-label", one.Name));
        Assert.DoesNotMatch(@"url\(|@import", Between(html, "<style>", "</style>"));
        Assert.DoesNotMatch(@"fetch\(|import|XMLHttp|eval|innerHTML", Between(html, "<script>", "</script>"));
        Assert.Contains("default-src &#x27;none&#x27;", html);
    }

    [Fact]
    public void Hostile_keys_values_and_names_are_only_text()
    {
        var html = Written(HostileRecords(), HostileResults());
        Assert.Equal(1, Count(html, "<script"));
        Assert.Equal(1, Count(html, "</script>"));
        Assert.Equal(1, Count(html, "<style"));
        Assert.DoesNotContain("<img", html);
        Assert.DoesNotContain('\0', html);
        Assert.Contains("&lt;img src=", html);
    }

    [Fact]
    public void The_policy_lets_in_the_style_and_the_script_that_are_there()
    {
        var html = Written(SyntheticRun.Records(), null);
        foreach (var element in new[] { "style", "script" })
        {
            var code = Between(html, $"<{element}>", $"</{element}>");
            var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(code)));
            Assert.Contains($"{element}-src &#x27;sha256-{hash.Replace("+", "&#x2B;")}&#x27;", html);
        }
    }

    [Fact]
    public void A_long_history_makes_no_long_report()
    {
        var records = SyntheticRun.Records(callsASecond: 1000);
        Assert.InRange(records.Count, 30_000, 100_000);
        Assert.InRange(Written(records, SyntheticRun.Results()).Length, 50_000, 600_000);
    }

    [Fact]
    public void An_empty_history_and_one_of_a_single_open_call_have_reports()
    {
        Assert.Contains("<h1>", Written([], null));
        CallRecord open = new() { Id = 1, Caller = "c", Start = 0, Type = "set", Key = "k", Op = "add", Outcome = Outcome.Unknown };
        Assert.Contains("no answer before the end", Written([open], null));
    }

    [Fact]
    public void A_report_of_a_failed_run_shows_the_calls_of_its_evidence()
    {
        var records = SyntheticRun.Records();
        var call = records.OfType<CallRecord>().First(static call => call.Key == "cart:7" && call.Op == "add");
        var verdict = new Verdict
        {
            Check = "lost-writes",
            Judgement = Judgement.Fails,
            Summary = "1 lost",
            Evidence = [new Evidence("This add is gone.", [call.Id, -5])],
        };
        var html = Written(records, null, [verdict]);
        Assert.Contains("This add is gone.", html);
        Assert.Contains($"add &quot;{call.Argument!.Value.GetString()}&quot; to cart:7 at {call.Level}", html);
    }

    [Fact]
    public void A_chosen_key_is_told_of_and_one_that_is_not_there_is_named()
    {
        var records = SyntheticRun.Records();
        var html = Written(records, null, keys: ["page:home"]);
        Assert.Equal(1, Count(html, "class=\"story\""));
        var wrong = Assert.Throws<ArgumentException>(() => Written(records, null, keys: ["cart:8"]));
        Assert.Contains("'cart:8'", wrong.Message);
    }

    private static IReadOnlyList<HistoryRecord> HostileRecords() =>
    [
        new RunRecord { Name = Hostile, Nodes = [new RunNode(1, Hostile)] },
        new PhaseRecord { At = 0, Name = Hostile },
        new FaultRecord { At = 10, InForce = 20, Fault = $"cut {Hostile}" },
        new FaultRecord { At = 15, InForce = null, Fault = Hostile },
        new CallRecord
        {
            Id = 1, Caller = Hostile, Side = Hostile, Start = 30, End = 400, Type = "set", Key = Hostile, Op = "add",
            Argument = Json(Hostile), Level = Hostile, Outcome = Outcome.Ok,
        },
        new CallRecord
        {
            Id = 2, Caller = Hostile, Side = "2", Start = 50, End = 900, Type = Hostile, Key = Hostile, Op = Hostile,
            Argument = Json(new { Hostile }), Level = "one", Outcome = Outcome.Refused, Error = Hostile,
        },
        new StateRecord
        {
            At = 500, Node = 1, Type = "set", Key = Hostile, Value = Json(new[] { Hostile }), Final = true,
            Detail = Json(new { replica = Hostile, objects = new[] { new { lines = new[] { Hostile } } } }),
        },
        new SampleRecord { At = 1, Node = 1, Figures = new Dictionary<string, double> { [Hostile] = 1, ["missingChanges"] = double.NaN } },
    ];

    private static RunResults HostileResults() => SyntheticRun.Results() with
    {
        Scenario = Hostile,
        Title = Hostile,
        Page = Hostile,
        Version = Hostile,
        Expectations = [new(Hostile, false, Hostile, [new(Hostile, [1, 2])])],
        Verdicts =
        [
            new() { Check = Hostile, Judgement = Judgement.Fails, Summary = Hostile, Evidence = [new(Hostile, [1, 2])] },
        ],
    };

    private static string Written(
        IReadOnlyList<HistoryRecord> records,
        RunResults? results,
        IReadOnlyList<Verdict>? verdicts = null,
        IReadOnlyList<string>? keys = null)
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, ReportWriter.Name);
        ReportWriter.Write(path, () => records, results, verdicts, keys);
        if (Environment.GetEnvironmentVariable("REPORT_OUT") is { } to) File.Copy(path, to, overwrite: true);
        return File.ReadAllText(path);
    }

    private static JsonElement Json(object value) => SyntheticRun.Json(value);

    private static string Plain(string html) => System.Net.WebUtility.HtmlDecode(Tag().Replace(html, "")).Trim();

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static string Between(string text, string from, string to) => text.Split(from, 2)[1].Split(to, 2)[0];

    [GeneratedRegex("<(h[1-4]|figcaption|summary|thead)[^>]*>(.*?)</\\1>", RegexOptions.Singleline)]
    private static partial Regex Heading();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("\\s([a-z-]+)=\"([^\"]*)\"")]
    private static partial Regex Attribute();

    [GeneratedRegex("^(src|srcset|action|formaction|poster|style|data|on[a-z]+)$", RegexOptions.IgnoreCase)]
    private static partial Regex Fetching();
}

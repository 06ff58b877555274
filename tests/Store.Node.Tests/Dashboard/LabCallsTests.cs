using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Gossipdb.Node.Tests.Hosting;

namespace Gossipdb.Node.Tests.Dashboard;

/// <summary>Orders of the lab's page to whoever has started the nodes, whose place a test takes.</summary>
public sealed class LabCallsTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<string> _ordered = [];
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private RunningNode _node = null!;
    private Browser _browser = null!;
    private string _answer = "{}";

    private string ControlFile => Path.Combine(_directory.Path, "control");

    [Fact]
    public async Task Where_nobody_takes_orders_the_page_is_told_why()
    {
        File.Delete(ControlFile);

        var lab = await LabAsync();
        using var order = await _browser.PostAsync("/dashboard/api/order", new { order = "kill", node = 2 });
        using var scenarios = await _browser.GetAsync("/dashboard/api/scenarios");

        Assert.Contains("takes no orders; 'gossipdb up' does", lab.GetProperty("problem").GetString(), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.Conflict), (order.StatusCode, scenarios.StatusCode));
    }

    [Fact]
    public async Task An_order_goes_there_and_is_audited_whatever_becomes_of_it()
    {
        using var done = await _browser.PostAsync("/dashboard/api/order", new { order = "kill", node = 2 });
        _answer = """{"error":"there is no node 7"}""";
        using var refused = await _browser.PostAsync("/dashboard/api/order", new { order = "start", node = 7 });

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.Conflict), (done.StatusCode, refused.StatusCode));
        Assert.Contains("there is no node 7", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal([("kill", 2), ("start", 7)], _ordered.Select(static line =>
        {
            var order = JsonDocument.Parse(line).RootElement;
            return (order.GetProperty("order").GetString()!, order.GetProperty("node").GetInt32());
        }));
        await Poll.UntilAsync(() => AuditedAsync("\"kill 2\"", "\"start 7\""), "both are in the audit log");
    }

    [Theory]
    [InlineData("wipe", 2, "'wipe' is no order: there are kill, pause, resume, start")]
    [InlineData("pause", 1, "node 1 serves this page")]
    public async Task What_is_no_order_and_what_would_take_the_page_away_goes_nowhere(string order, int node, string why)
    {
        using var answer = await _browser.PostAsync("/dashboard/api/order", new { order, node });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetString();
        Assert.Contains(why, error, StringComparison.Ordinal);
        Assert.Empty(_ordered);
    }

    [Fact]
    public async Task A_run_is_asked_for_with_who_wants_it_and_its_report_is_kept_apart()
    {
        var report = Path.Combine(_directory.Path, "report.html");
        await File.WriteAllTextAsync(report, "<script>1</script>");
        using var none = await _browser.GetAsync("/dashboard/api/report");
        _answer = JsonSerializer.Serialize(new
        {
            processes = new[] { new { node = 1, state = "running", processId = 7, healthUrl = "http://127.0.0.1:9/health/ready" } },
            run = new { scenario = "cap", report },
        });
        using var run = await _browser.PostAsync("/dashboard/api/run", new { scenario = "cap" });
        var lab = await LabAsync();
        using var shown = await _browser.GetAsync("/dashboard/api/report");

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NoContent), (none.StatusCode, run.StatusCode));
        var asked = JsonDocument.Parse(_ordered.Single(static line => line.Contains("\"run\"", StringComparison.Ordinal))).RootElement;
        Assert.Equal(
            ("cap", "somebody at node 1's dashboard"), (asked.GetProperty("scenario").GetString(), asked.GetProperty("by").GetString()));
        Assert.Equal("cap", lab.GetProperty("run").GetProperty("scenario").GetString());
        Assert.Equal("http://127.0.0.1:9/dashboard/", lab.GetProperty("processes")[0].GetProperty("dashboard").GetString());
        Assert.Equal("<script>1</script>", await shown.Content.ReadAsStringAsync());
        var policy = shown.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.EndsWith("sandbox allow-scripts", policy, StringComparison.Ordinal);
    }

    public async Task InitializeAsync()
    {
        var path = Path.Combine(_directory.Path, "orders");
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        _socket.Listen();
        _ = ServeAsync();
        await File.WriteAllTextAsync(ControlFile, path + "\n");
        _node = await RunningNode.StartAsync(
            _directory.Path, $"gossipdb.lab.fault-injection = on\ngossipdb.lab.control-file = \"{ControlFile}\"");
        _browser = new Browser(_node);
    }

    public async Task DisposeAsync()
    {
        _browser.Dispose();
        await _node.DisposeAsync();
        _socket.Dispose();
        _directory.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var caller = await _socket.AcceptAsync();
                await using var stream = new NetworkStream(caller);
                using var reader = new StreamReader(stream);
                if (await reader.ReadLineAsync() is not { } line) continue;
                if (!line.Contains("\"look\"", StringComparison.Ordinal)) _ordered.Add(line);
                await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(_answer + "\n"));
            }
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException or IOException)
        {
            // The test has ended.
        }
    }

    private async Task<JsonElement> LabAsync()
    {
        await foreach (var (kind, data) in _browser.EventsAsync("/dashboard/api/lab"))
            if (kind == "lab") return data;
        throw new InvalidOperationException("the stream ended");
    }

    private async Task<bool> AuditedAsync(params string[] words)
    {
        var text = "";
        foreach (var file in Directory.GetFiles(Path.Combine(_directory.Path, "audit")))
        {
            await using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(open);
            text += await reader.ReadToEndAsync();
        }

        return words.All(word => text.Contains(word, StringComparison.Ordinal));
    }
}

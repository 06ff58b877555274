using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gossipdb.Node.Tests.Hosting;

namespace Gossipdb.Node.Tests.Dashboard;

/// <summary>One node that asks nobody who they are, and takes faults.</summary>
public sealed class DashboardNode : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();

    internal RunningNode Node { get; private set; } = null!;

    public async Task InitializeAsync() =>
        Node = await RunningNode.StartAsync(_directory.Path, "gossipdb.lab.fault-injection = on");

    public async Task DisposeAsync()
    {
        await Node.DisposeAsync();
        _directory.Dispose();
    }
}

/// <summary>What a browser does at a node's dashboard.</summary>
internal sealed class Browser(RunningNode node) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    public string Origin { get; } = $"http://127.0.0.1:{node.HttpPort}";

    /// <summary>The value of a cookie header; null for none.</summary>
    public string? Cookie { get; set; }

    public Task<HttpResponseMessage> GetAsync(string path, Action<HttpRequestHeaders>? more = null) =>
        SendAsync(HttpMethod.Get, path, null, more);

    /// <summary>Sends JSON from a page of the node, unless <paramref name="origin"/> says from where.</summary>
    public Task<HttpResponseMessage> PostAsync(
        string path, object body, string? origin = "", string type = "application/json") => SendAsync(
            HttpMethod.Post,
            path,
            new StringContent(JsonSerializer.Serialize(body, JsonSerializerOptions.Web), Encoding.UTF8, type),
            headers =>
            {
                if (origin is not null) headers.Add("Origin", origin.Length == 0 ? Origin : origin);
            });

    /// <summary>A call that is answered, and the answer.</summary>
    public async Task<JsonElement> JsonAsync(string path)
    {
        using var answer = await GetAsync(path);
        return await JsonOfAsync(answer);
    }

    /// <summary>The answer to a call that must not be refused.</summary>
    public static async Task<JsonElement> JsonOfAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>The events of a stream, as long as somebody takes them.</summary>
    public async IAsyncEnumerable<(string Kind, JsonElement Data)> EventsAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Origin + path);
        if (Cookie is not null) request.Headers.Add("Cookie", Cookie);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(patience.Token));
        var kind = "";
        while (await reader.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal)) kind = line[7..];
            if (line.StartsWith("data: ", StringComparison.Ordinal)) yield return (kind, JsonDocument.Parse(line[6..]).RootElement);
        }
    }

    /// <summary>A stream that is open; its status.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Origin + path);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? content, Action<HttpRequestHeaders>? more)
    {
        using var request = new HttpRequestMessage(method, Origin + path) { Content = content };
        if (Cookie is not null) request.Headers.Add("Cookie", Cookie);
        more?.Invoke(request.Headers);
        return await _http.SendAsync(request);
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Gossipdb.Cluster.Tests.Otlp;

namespace Gossipdb.Cluster.Tests.Tracing;

/// <summary>Takes spans by the OpenTelemetry protocol, as protobuf over HTTP on loopback, and keeps them.</summary>
internal sealed class OtlpCollector : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly HttpListener _http = new();
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();

    public OtlpCollector()
    {
        // Nobody can hold a port that HttpListener is to take: somebody else may have been faster.
        for (var attempts = 0; ; attempts++)
        {
            Endpoint = $"http://127.0.0.1:{FreePort()}";
            _http.Prefixes.Clear();
            _http.Prefixes.Add($"{Endpoint}/");
            try
            {
                _http.Start();
                break;
            }
            catch (HttpListenerException) when (attempts < 10)
            {
                // Another port.
            }
        }

        _ = Task.Run(ServeAsync);
    }

    public string Endpoint { get; }

    /// <summary>Waits until the spans of a trace are there, as many as a test wants at least.</summary>
    public async Task<IReadOnlyList<ReceivedSpan>> TraceAsync(string trace, int spans)
    {
        var until = DateTime.UtcNow + Patience;
        while (true)
        {
            ReceivedSpan[] found = [.. _spans.Where(span => span.Trace == trace)];
            if (found.Length >= spans) return found;
            if (DateTime.UtcNow > until)
                throw new TimeoutException($"{found.Length} of {spans} spans have come:\n{string.Join('\n', found.AsEnumerable())}");
            await Task.Delay(50);
        }
    }

    public void Dispose() => _http.Close();

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext http;
            try
            {
                http = await _http.GetContextAsync();
            }
            catch (Exception ended) when (ended is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            await TakeAsync(http);
        }
    }

    private async Task TakeAsync(HttpListenerContext http)
    {
        using var body = new MemoryStream();
        await http.Request.InputStream.CopyToAsync(body);
        if (http.Request.Url?.AbsolutePath == "/v1/traces") Keep(ExportTraceServiceRequest.Parser.ParseFrom(body.ToArray()));
        http.Response.ContentType = "application/x-protobuf";
        http.Response.Close();
    }

    private void Keep(ExportTraceServiceRequest exported)
    {
        foreach (var resource in exported.ResourceSpans)
        {
            var service = Attributes(resource.Resource.Attributes).GetValueOrDefault("service.instance.id", "");
            foreach (var scope in resource.ScopeSpans)
                foreach (var span in scope.Spans)
                {
                    _spans.Enqueue(new ReceivedSpan(
                        scope.Scope.Name,
                        service,
                        span.Name,
                        span.Kind,
                        Convert.ToHexStringLower(span.TraceId.Span),
                        Convert.ToHexStringLower(span.SpanId.Span),
                        Convert.ToHexStringLower(span.ParentSpanId.Span),
                        Attributes(span.Attributes),
                        span.StartTimeUnixNano,
                        span.EndTimeUnixNano));
                }
        }
    }

    private static Dictionary<string, string> Attributes(IEnumerable<KeyValue> attributes) =>
        attributes.ToDictionary(static each => each.Key, static each => each.Value.ValueCase switch
        {
            AnyValue.ValueOneofCase.IntValue => each.Value.IntValue.ToString(System.Globalization.CultureInfo.InvariantCulture),
            AnyValue.ValueOneofCase.BoolValue => each.Value.BoolValue ? "true" : "false",
            _ => each.Value.StringValue,
        });
}

/// <summary>A span that came. Ids are hexadecimal; no parent is the empty text.</summary>
internal sealed record ReceivedSpan(
    string Source, string Instance, string Name, uint Kind, string Trace, string Id, string Parent,
    IReadOnlyDictionary<string, string> Tags, ulong StartNs, ulong EndNs)
{
    public override string ToString() => $"{Source} {Instance} {Name} {Id} of {Parent} {string.Join(' ', Tags)}";
}

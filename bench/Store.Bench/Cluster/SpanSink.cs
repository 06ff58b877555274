using System.Net;

namespace Gossipdb.Bench.Cluster;

/// <summary>Takes what nodes send by the OpenTelemetry protocol over HTTP, and throws it away.</summary>
internal sealed class SpanSink : IDisposable
{
    private readonly HttpListener _http = new();
    private long _bytes;

    public SpanSink()
    {
        using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Endpoint = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
        }

        _http.Prefixes.Add($"{Endpoint}/");
        _http.Start();
        _ = Task.Run(ServeAsync);
    }

    public string Endpoint { get; }

    /// <summary>How much has come.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public void Dispose() => _http.Close();

    private async Task ServeAsync()
    {
        var buffer = new byte[64 * 1024];
        while (true)
        {
            try
            {
                var http = await _http.GetContextAsync();
                for (int read; (read = await http.Request.InputStream.ReadAsync(buffer)) > 0;) Interlocked.Add(ref _bytes, read);
                http.Response.Close();
            }
            catch (Exception ended) when (ended is HttpListenerException or ObjectDisposedException)
            {
                if (!_http.IsListening) return;
            }
        }
    }
}

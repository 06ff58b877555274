using System.Collections.Concurrent;
using System.Text;
using Gossipdb.Node.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Gossipdb.Node.Tests.Telemetry;

/// <summary>Metrics sent to a collector by the OpenTelemetry protocol.</summary>
public sealed class OtlpTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("grpc", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export")]
    [InlineData("http/protobuf", "/v1/metrics")]
    public async Task A_collector_receives_the_metrics_every_so_often(string protocol, string path)
    {
        var exports = new ConcurrentQueue<(string Path, string Body)>();
        await using var collector = Collector(protocol == "grpc" ? HttpProtocols.Http2 : HttpProtocols.Http1, exports);
        await collector.StartAsync();
        await using var node = await RunningNode.StartAsync(_directory.Path, $"""
            gossipdb.telemetry.otlp-endpoint = "{collector.Urls.Single()}"
            gossipdb.telemetry.otlp-protocol = "{protocol}"
            gossipdb.telemetry.metrics-interval = 200ms
            """);
        await (await node.ClientAsync()).Counter("visits").IncrementAsync();

        // Names are written out in protobuf, so they can be looked for.
        await Poll.UntilAsync(
            () => Task.FromResult(exports.Count(one => one.Path == path
                && one.Body.Contains("gossipdb.calls", StringComparison.Ordinal)
                && one.Body.Contains("gossipdb.journal.commit.duration", StringComparison.Ordinal)
                && one.Body.Contains("dotnet.gc.collections", StringComparison.Ordinal)
                && one.Body.Contains("service.instance.id", StringComparison.Ordinal)) >= 2),
            "two exports have come");
        Assert.All(exports, one => Assert.Equal(path, one.Path));
    }

    [Fact]
    public async Task A_collector_that_is_away_holds_up_neither_the_node_nor_its_end()
    {
        var port = NodePorts.Some(1)[0];
        await using var node = await RunningNode.StartAsync(_directory.Path, $"""
            gossipdb.telemetry.otlp-endpoint = "http://127.0.0.1:{port}"
            gossipdb.telemetry.metrics-interval = 100ms
            """);
        await (await node.ClientAsync()).Counter("visits").IncrementAsync();
        Assert.Equal(0, await node.StopAsync());
    }

    private static WebApplication Collector(HttpProtocols protocols, ConcurrentQueue<(string Path, string Body)> exports)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        var app = builder.Build();
        app.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            exports.Enqueue((http.Request.Path.Value!, Encoding.Latin1.GetString(body.ToArray())));
            if (protocols == HttpProtocols.Http1)
            {
                http.Response.ContentType = "application/x-protobuf";
                return;
            }

            // An answer of gRPC that says nothing: a frame of length 0, and that all went well.
            http.Response.ContentType = "application/grpc";
            await http.Response.Body.WriteAsync(new byte[5]);
            http.Response.AppendTrailer("grpc-status", "0");
        });
        return app;
    }
}

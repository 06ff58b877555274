using System.Diagnostics;
using System.Diagnostics.Metrics;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Gossipdb.Client.Tests.Fakes;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Tests.Telemetry;

/// <summary>What the client tells of its calls, by the conventions for database clients, and what it costs where nobody listens.</summary>
public sealed class TelemetryTests
{
    private const double QuietCallBytes = 600;
    private static readonly TimeSpan Ample = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_call_is_a_span_with_the_attributes_of_the_conventions_and_the_node_is_told_of_it()
    {
        await using var cluster = await FakeCluster.StartAsync(2);
        await using var client = await cluster.ConnectAsync();
        using var listening = new Listening();
        var (key, caller) = (cluster.KeyOf(2), new Activity("the caller"));
        caller.Start();

        await client.Counter(key).IncrementAsync();
        caller.Stop();

        var span = Assert.Single(listening.Spans, span => span.TraceId == caller.TraceId);
        var node = new Uri(cluster[2].Endpoint);
        Assert.Equal(ActivityKind.Client, span.Kind);
        Assert.Equal(caller.SpanId, span.ParentSpanId);
        Assert.Equal($"counter_increment 127.0.0.1:{node.Port}", span.DisplayName);
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["db.system.name"] = "gossipdb",
                ["db.operation.name"] = "counter_increment",
                ["server.address"] = "127.0.0.1",
                ["server.port"] = node.Port,
            },
            span.TagObjects.ToDictionary());
        Assert.Equal(span.Id, cluster[2].Requests.Last().Traceparent);
        Assert.Null(Activity.Current);
    }

    [Fact]
    public async Task What_several_keys_are_asked_in_one_call_is_told_as_a_batch()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        using var listening = new Listening();

        var batch = client.Batch();
        batch.Increment("{a}1").Increment("{a}2");
        await batch.ExecuteAsync();

        var span = Assert.Single(listening.Spans);
        Assert.Equal("batch", span.GetTagItem("db.operation.name"));
        Assert.Equal(2, span.GetTagItem("db.operation.batch.size"));
    }

    [Fact]
    public async Task A_call_that_a_node_refuses_names_the_code_and_one_that_nobody_answers_the_exception()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        using var listening = new Listening();

        cluster[1].Answer = static _ => Task.FromResult<Reply?>(new() { Error = new() { Code = ErrorCode.WrongType, Message = "no" } });
        await Assert.ThrowsAsync<WrongTypeException>(() => client.Counter("k").IncrementAsync());
        cluster[1].Answer = static _ => Task.FromResult<Reply?>(null);
        await Assert.ThrowsAsync<IndeterminateException>(
            () => client.Counter("k").IncrementAsync(consistency: Write.One with { Timeout = TimeSpan.FromMilliseconds(100) }));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.Counter("k").GetAsync(cancellation: cancelled.Token));

        Assert.Equal(
            [
                ("WRONG_TYPE", "WRONG_TYPE"),
                (null, typeof(IndeterminateException).FullName),
                (null, typeof(OperationCanceledException).FullName),
            ],
            listening.Spans.Select(static span =>
                ((string?)span.GetTagItem("db.response.status_code"), (string?)span.GetTagItem("error.type"))));
        Assert.All(listening.Spans, static span => Assert.Equal(ActivityStatusCode.Error, span.Status));
        Assert.Equal(
            listening.Spans.Select(static span => span.GetTagItem("error.type")),
            listening.Measured.Select(static measured => measured.Tags["error.type"]));
    }

    [Fact]
    public async Task How_long_calls_take_is_measured_in_seconds_with_the_boundaries_that_are_advised()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        using var listening = new Listening();

        await client.Set("s").AddAsync("a");
        await client.Set("s").GetAsync();

        var (instrument, value, tags) = listening.Measured.First();
        Assert.Equal(("db.client.operation.duration", "s"), (instrument.Name, instrument.Unit));
        Assert.Equal([0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10], ((Histogram<double>)instrument).Advice?.HistogramBucketBoundaries);
        Assert.InRange(value, double.Epsilon, Ample.TotalSeconds);
        Assert.Equal(["db.operation.name", "db.system.name", "server.address", "server.port"], tags.Keys.Order());
        Assert.Equal(["set_add", "read"], listening.Measured.Select(static measured => measured.Tags["db.operation.name"]));
    }

    [Theory]
    [InlineData(ActivitySamplingResult.None)]
    [InlineData(ActivitySamplingResult.PropagationData)]
    public async Task A_call_whose_trace_is_not_recorded_says_so_and_no_more(ActivitySamplingResult sampling)
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        using var listening = new Listening(sampling);

        await client.Counter("k").IncrementAsync();

        var request = cluster[1].Requests.Last();
        Assert.True(request.HasTraceparent);
        Assert.Equal("", request.Traceparent);
    }

    [Fact]
    public void An_operation_is_named_as_the_contract_names_it()
    {
        foreach (var field in Update.Descriptor.Oneofs.Single(static oneof => oneof.Name == "operation").Fields)
        {
            var update = new Update();
            field.Accessor.SetValue(update, field.FieldType switch
            {
                FieldType.Message => Activator.CreateInstance(field.MessageType.ClrType)!,
                FieldType.Bool => true,
                FieldType.String => "x",
                _ => 1L,
            });
            Assert.Equal(field.Name, NameOf(new Request { Update = update }));
        }

        Assert.Equal("read", NameOf(new Request { Read = new() }));
        Assert.Equal("multi_read", NameOf(new Request { MultiRead = new() }));
    }

    [Fact]
    public async Task Where_nobody_listens_a_call_allocates_what_it_did_and_nothing_is_sent_along()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync(static options => options.Session = false);
        var counter = client.Counter("k");
        using var inTrace = new Activity("a trace that somebody else records").Start();
        inTrace.ActivityTraceFlags = ActivityTraceFlags.Recorded;

        var quiet = await AllocatedAsync(counter);
        Assert.False(cluster[1].Requests.Last().HasTraceparent);
        double listened;
        using (new Listening()) listened = await AllocatedAsync(counter);

        // What was measured and a few per cent more: a span alone is as much again.
        Assert.InRange(quiet, 0.85 * QuietCallBytes, QuietCallBytes);
        Assert.True(listened > 1.5 * quiet, $"{listened} bytes where somebody listens, {quiet} where nobody does");
    }

    // Bytes that a call allocates on the caller's thread, until it waits for the node. The least of several: now and then a list grows.
    private static async Task<double> AllocatedAsync(CounterHandle counter)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 50; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var calling = counter.IncrementAsync();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            await calling.WaitAsync(Ample);
        }

        return least;
    }

    // The client has a contract of its own, beside that of the fake nodes.
    private static string NameOf(Request request)
    {
        var assembly = typeof(GossipdbClient).Assembly;
        var ofClient = assembly.GetType(typeof(Request).FullName!)!;
        var parser = (MessageParser)ofClient.GetProperty("Parser")!.GetValue(null)!;
        var names = assembly.GetType("Gossipdb.Client.Telemetry.OperationNames")!;
        return (string)names.GetMethod("Of", [ofClient])!.Invoke(null, [parser.ParseFrom(request.ToByteArray())])!;
    }
}

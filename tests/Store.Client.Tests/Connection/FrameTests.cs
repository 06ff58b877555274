using Gossipdb.Client.Tests.Fakes;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Tests.Connection;

/// <summary>What calls travel over.</summary>
public class FrameTests
{
    private static readonly TimeSpan Ample = TimeSpan.FromSeconds(60);
    private static readonly Client.Write Patient = Client.Write.One with { Timeout = Ample };

    [Fact]
    public async Task Calls_travel_as_frames()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();

        await client.Counter("k").IncrementAsync();

        Assert.Equal(1, cluster[1].Data.Welcomed);
        Assert.Equal(0, cluster[1].GrpcStreams);
    }

    [Fact]
    public async Task Calls_travel_over_gRPC_where_the_client_is_told_so()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync(options => options.Transport = ClientTransport.Grpc);

        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => client.Counter("k").IncrementAsync()));

        Assert.Equal(1_000, await client.Counter("k").GetAsync());
        Assert.Equal(0, cluster[1].Data.Welcomed);
        Assert.Equal(1, cluster[1].GrpcStreams);
    }

    [Fact]
    public async Task Calls_travel_over_gRPC_where_the_node_names_no_port()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        cluster[1].Data.Stop();
        await using var client = await cluster.ConnectAsync();

        await client.Counter("k").IncrementAsync();

        Assert.Equal(1, cluster[1].GrpcStreams);
    }

    [Fact]
    public async Task Calls_travel_over_gRPC_where_the_port_cannot_be_reached()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        var (describe, closed) = (cluster[1].Describe, new Uri(FakeAnswers.UnusedEndpoint()).Port);
        cluster[1].Describe = () =>
        {
            var description = describe();
            description.DataPort = (uint)closed;
            return description;
        };
        await using var client = await cluster.ConnectAsync();

        await client.Counter("k").IncrementAsync();

        Assert.Equal(1, cluster[1].GrpcStreams);
    }

    [Fact]
    public async Task Calls_travel_over_gRPC_where_another_node_has_the_port()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        cluster[1].Data.Id = 7;
        await using var client = await cluster.ConnectAsync();

        await client.Counter("k").IncrementAsync();

        Assert.Equal(0, cluster[1].Data.Welcomed);
        Assert.Equal(1, cluster[1].GrpcStreams);
    }

    [Fact]
    public async Task Calls_travel_over_gRPC_where_the_port_says_nothing()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        cluster[1].Data.IsSilent = true;
        await using var client = await cluster.ConnectAsync(static options => options.ConnectTimeout = TimeSpan.FromMilliseconds(300));

        await client.Counter("k").IncrementAsync();

        Assert.Equal(1, cluster[1].GrpcStreams);
    }

    [Fact]
    public async Task A_node_that_computes_for_long_is_pinged_and_kept()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        var release = new TaskCompletionSource();
        cluster[1].Answer = async request =>
        {
            await release.Task;
            return cluster[1].Execute(request);
        };

        var writing = client.Counter("k").IncrementAsync(1, Patient);
        await cluster[1].Data.PingedAsync(4).WaitAsync(Ample);
        release.SetResult();
        await writing;

        Assert.Single(cluster[1].Requests);
        Assert.Equal(1, cluster[1].Data.Welcomed);
    }

    [Fact]
    public async Task A_node_that_is_silent_is_given_up_and_another_one_asked()
    {
        await using var cluster = await FakeCluster.StartAsync(2);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Data.IsSilent = true;

        var receipt = await client.Counter(cluster.KeyOf(1)).IncrementAsync(1, Patient);

        Assert.Equal([2], receipt.Nodes);
        Assert.Equal(FakeAnswers.NameOf(Assert.Single(cluster[1].Requests)), FakeAnswers.NameOf(Assert.Single(cluster[2].Requests)));
    }

    [Theory]
    [InlineData(new byte[] { 255, 255, 255, 255 })] // longer than any frame
    [InlineData(new byte[] { 3, 0, 0, 0, 255, 255, 255 })] // no batch
    public async Task Garbage_ends_the_connection_and_not_the_calls(byte[] garbage)
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Answer = _ => Task.FromResult<Reply?>(null);
        var writing = client.Counter("k").IncrementAsync(1, Patient);
        var first = await cluster[1].NextAsync();

        cluster[1].Answer = request => Task.FromResult<Reply?>(cluster[1].Execute(request));
        await cluster[1].Data.SendRawAsync(garbage);
        await writing;

        Assert.Equal(FakeAnswers.NameOf(first), FakeAnswers.NameOf(await cluster[1].NextAsync()));
        Assert.Equal(2, cluster[1].Data.Welcomed);
    }

    [Fact]
    public async Task Large_values_go_both_ways()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        var value = new byte[20_000_000];
        Random.Shared.NextBytes(value);

        await client.Register("large").SetBytesAsync(value, Patient);
        var reads = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => client.Register("large").GetBytesAsync(
            Client.Read.One with { Timeout = Ample })));

        Assert.All(reads, read => Assert.Equal(value, read));
    }
}

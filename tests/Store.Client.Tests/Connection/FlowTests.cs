using Gossipdb.Client.Tests.Fakes;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Tests.Connection;

public class FlowTests
{
    [Fact]
    public async Task Calls_made_at_once_travel_together()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        var counter = client.Counter("k");

        await Task.WhenAll(Enumerable.Range(0, 10_000).Select(_ => counter.IncrementAsync()));

        Assert.Equal(10_000, await counter.GetAsync());
        Assert.Equal(10_001, cluster[1].Batches.Sum(batch => batch.Requests));
        Assert.InRange(cluster[1].Batches.Count, 11, 5_000);
        Assert.All(cluster[1].Batches, batch => Assert.InRange(batch.Requests, 1, 1000));
    }

    [Fact]
    public async Task A_batch_stays_under_a_mebibyte_unless_one_request_is_larger()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();
        var sizes = Enumerable.Repeat(300_000, 40).Append(3_000_000).ToList();

        await Task.WhenAll(sizes.Select((size, i) => client.Register($"k{i}").SetBytesAsync(new byte[size])));

        Assert.All(cluster[1].Batches, batch => Assert.True(batch.Requests == 1 || batch.Bytes <= 1024 * 1024));
        Assert.Contains(cluster[1].Batches, batch => batch.Requests > 1);
    }

    [Fact]
    public async Task No_more_calls_are_in_flight_than_allowed()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync(options => options.MaxInFlight = 3);
        var (inFlight, most) = (0, 0);
        var three = new TaskCompletionSource();
        cluster[1].Answer = async request =>
        {
            var now = Interlocked.Increment(ref inFlight);
            InterlockedMax(ref most, now);
            if (now == 3)
                three.TrySetResult();
            await three.Task;
            Interlocked.Decrement(ref inFlight);
            return cluster[1].Execute(request);
        };

        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => client.Counter($"k{i}").IncrementAsync()));

        Assert.Equal(3, most);
    }

    [Fact]
    public async Task A_call_that_waits_for_its_turn_can_be_cancelled_and_runs_into_its_timeout()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync(options => options.MaxInFlight = 1);
        var release = new TaskCompletionSource();
        cluster[1].Answer = async request =>
        {
            await release.Task;
            return cluster[1].Execute(request);
        };
        var first = client.Counter("k").IncrementAsync(1, Client.Write.One with { Timeout = TimeSpan.FromMinutes(1) });
        await cluster[1].NextAsync();

        using var giveUp = new CancellationTokenSource();
        var second = client.Counter("k").IncrementAsync(cancellation: giveUp.Token);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await Assert.ThrowsAsync<OverloadedException>(
            () => client.Counter("k").IncrementAsync(1, Client.Write.One with { Timeout = TimeSpan.FromMilliseconds(100) }));

        release.SetResult();
        await first;
        Assert.Single(cluster[1].Requests);
        await client.Counter("k").IncrementAsync();
    }

    [Fact]
    public async Task A_cancelled_call_ends_at_once_and_gives_its_place_free()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync(options => options.MaxInFlight = 1);
        cluster[1].Answer = _ => Task.FromResult<Reply?>(null);
        using var giveUp = new CancellationTokenSource();

        var waiting = client.Counter("k").IncrementAsync(1, Client.Write.One with { Timeout = TimeSpan.FromHours(1) }, giveUp.Token);
        await cluster[1].NextAsync();
        await giveUp.CancelAsync();

        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(giveUp.Token, cancelled.CancellationToken);
        cluster[1].Answer = request => Task.FromResult<Reply?>(cluster[1].Execute(request));
        await client.Counter("k").IncrementAsync();
    }

    [Fact]
    public async Task A_call_that_is_cancelled_beforehand_is_not_sent()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.Counter("k").IncrementAsync(cancellation: new CancellationToken(canceled: true)));
        await client.Counter("k").GetAsync();

        Assert.Equal(Request.ActionOneofCase.Read, Assert.Single(cluster[1].Requests).ActionCase);
    }

    [Fact]
    public async Task Disposal_ends_what_is_under_way_and_refuses_what_follows()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        var client = await cluster.ConnectAsync(options => options.MaxInFlight = 1);
        cluster[1].Answer = _ => Task.FromResult<Reply?>(null);
        var sent = client.Counter("k").IncrementAsync();
        await cluster[1].NextAsync();
        var waiting = client.Counter("k").IncrementAsync();

        await client.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => sent);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.Counter("k").GetAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.EnsureConnectedAsync());
        await client.DisposeAsync();
    }

    [Fact]
    public async Task Disposal_ends_calls_that_wait_for_a_connection()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        var client = await cluster.ConnectAsync();
        await cluster[1].KillAsync();
        var waiting = client.Counter("k").GetAsync(Client.Read.One with { Timeout = TimeSpan.FromHours(1) });

        client.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        var seen = Volatile.Read(ref target);
        while (seen < value && Interlocked.CompareExchange(ref target, value, seen) is var found && found != seen)
            seen = found;
    }
}

using Gossipdb.Client.Tests.Fakes;
using Gossipdb.Protocol;

namespace Gossipdb.Client.Tests.Routing;

/// <summary>A read that is slow at one owner is asked of another; which, how often, and what is never hedged.</summary>
public sealed class HedgingTests
{
    private static readonly TimeSpan Ample = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_read_that_one_owner_is_slow_to_answer_is_answered_by_another()
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        await using var client = await cluster.ConnectAsync(Hedged);
        var key = cluster.KeyOf(2);
        await client.Counter(key).IncrementAsync(5);
        var before = client.Counts;
        cluster[2].Answer = static _ => Task.FromResult<Reply?>(null);

        var read = await client.Counter(key).ReadAsync().WaitAsync(Ample);

        Assert.Equal(5, read.Value);
        Assert.NotEqual(2, read.Receipt.Nodes[0]);
        var (slow, other) = (cluster[2].Requests.Last(), cluster[read.Receipt.Nodes[0]].Requests.Last());
        Assert.NotEqual(slow.Id, other.Id);

        // It asks for the same, the session's token included.
        slow.TimeoutMs = other.TimeoutMs;
        slow.Id = other.Id;
        Assert.NotNull(slow.Token);
        Assert.Equal(slow, other);
        Assert.Equal(before with { Calls = before.Calls + 1, Hedges = before.Hedges + 1, HedgesWon = before.HedgesWon + 1 }, client.Counts);
    }

    [Fact]
    public async Task An_answer_that_comes_in_time_is_not_hedged()
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        await using var client = await cluster.ConnectAsync(static options => options.HedgeDelay = Ample);

        await client.GetAsync(cluster.KeyOf(2));

        Assert.Equal((0, 0), (client.Counts.Hedges, client.Counts.HedgesWithheld));
        Assert.Empty(cluster[1].Requests.Concat(cluster[3].Requests));
    }

    [Fact]
    public async Task No_write_is_hedged()
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        await using var client = await cluster.ConnectAsync(Hedged);
        var key = cluster.KeyOf(2);
        var before = client.Counts;

        // Longer than any hedge is waited for: it would have been sent by then.
        cluster[2].Answer = async request =>
        {
            await Task.Delay(5 * Delay);
            return cluster[2].Execute(request);
        };
        await client.Counter(key).IncrementAsync();

        Assert.Equal(before with { Calls = before.Calls + 1 }, client.Counts);
        Assert.Empty(cluster[1].Requests.Concat(cluster[3].Requests));
    }

    [Fact]
    public async Task A_cluster_that_is_slow_as_a_whole_is_asked_little_more()
    {
        await using var cluster = await FakeCluster.StartAsync(2);
        await using var client = await cluster.ConnectAsync(options => (options.HedgeDelay, options.HedgeShare) = (Delay, 0.01));
        foreach (var node in cluster.Nodes)
        {
            node.Answer = async request =>
            {
                await Task.Delay(5 * Delay);
                return node.Execute(request);
            };
        }

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => client.GetAsync("k"))).WaitAsync(Ample);

        // One is there from the beginning, and a hundred reads earn another: those that waited for the connections have earned, too, but
        // no more than ten are kept.
        var counts = client.Counts;
        Assert.InRange(counts.Hedges, 1, Math.Min(11, 1 + counts.Calls / 100));
        Assert.InRange(counts.HedgesWithheld, 1, counts.Calls - counts.Hedges);
    }

    [Fact]
    public async Task Where_no_other_owner_is_there_the_first_is_waited_for()
    {
        await using var cluster = await FakeCluster.StartAsync(1);
        await using var client = await cluster.ConnectAsync(Hedged);
        var before = client.Counts.HedgesWithheld;
        var answered = new TaskCompletionSource();
        cluster[1].Answer = async request =>
        {
            await answered.Task;
            return cluster[1].Execute(request);
        };
        var reading = client.GetAsync("k");
        while (client.Counts.HedgesWithheld == before) await Task.Delay(5).WaitAsync(Ample);
        answered.SetResult();

        await reading.WaitAsync(Ample);
        Assert.Single(cluster[1].Requests);
    }

    [Fact]
    public async Task One_that_fails_has_not_won()
    {
        await using var cluster = await FakeCluster.StartAsync(2);
        await using var client = await cluster.ConnectAsync(Hedged);
        var key = cluster.KeyOf(1);
        var before = client.Counts;
        var answered = new TaskCompletionSource();
        cluster[1].Answer = async request =>
        {
            await answered.Task;
            return cluster[1].Execute(request);
        };
        cluster[2].Answer = FakeAnswers.Refuse(ErrorCode.Internal);
        var reading = client.Counter(key).ReadAsync();
        await cluster[2].NextAsync();
        answered.SetResult();

        Assert.Equal(1, (await reading.WaitAsync(Ample)).Receipt.Nodes[0]);
        Assert.Equal(before with { Calls = before.Calls + 1, Hedges = before.Hedges + 1 }, client.Counts);
    }

    [Fact]
    public async Task Where_both_fail_the_caller_is_told_of_its_own_and_nothing_is_left_in_flight()
    {
        await using var cluster = await FakeCluster.StartAsync(2);
        await using var client = await cluster.ConnectAsync(options => (options.HedgeDelay, options.MaxInFlight) = (Delay, 2));
        var key = cluster.KeyOf(1);
        var answered = new TaskCompletionSource();
        cluster[1].Answer = async request =>
        {
            await answered.Task;
            return await FakeAnswers.Refuse(ErrorCode.WrongType)(request);
        };
        cluster[2].Answer = FakeAnswers.Refuse(ErrorCode.Internal);
        for (var i = 0; i < 3; i++)
        {
            var reading = client.GetAsync(key);
            if (i == 0)
            {
                await cluster[2].NextAsync();
                answered.SetResult();
            }

            await Assert.ThrowsAsync<WrongTypeException>(() => reading.WaitAsync(Ample));
        }
    }

    [Fact]
    public async Task A_call_is_sent_as_often_as_the_options_say()
    {
        await using var cluster = await FakeCluster.StartAsync(3);
        await using var client = await cluster.ConnectAsync(static options => options.MaxAttempts = 2);
        foreach (var node in cluster.Nodes) node.Answer = FakeAnswers.Refuse(ErrorCode.Unavailable);

        await Assert.ThrowsAsync<UnavailableException>(() => client.GetAsync("k"));

        Assert.Equal(2, cluster.Nodes.Sum(static node => node.Requests.Count));
        Assert.Equal(1, client.Counts.Retries);
    }

    private static TimeSpan Delay => TimeSpan.FromMilliseconds(20);

    private static void Hedged(GossipdbOptions options) => options.HedgeDelay = Delay;
}
